"""`Plan` × a server → `ApplyReport`: fences, order, parallelism, compensation."""
