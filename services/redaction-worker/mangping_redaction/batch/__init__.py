"""A folder or a bucket of scans, page after page, through N worker processes: the room behind the command line."""
