"""Keywords in photo files and XMP sidecars, which ExifTool reads and writes."""
