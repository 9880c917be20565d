"""`Project` × `LiveState` → `Plan`. Pure: no files, no network, no clock, no printing."""
