-- Folders of files whose executions were deleted in the same transaction; each stands here until its files are gone.
CREATE TABLE doomed_folders (folder TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID;
