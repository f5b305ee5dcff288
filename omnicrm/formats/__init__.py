"""Pure parsers and writers of outside formats."""
