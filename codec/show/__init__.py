"""Everything a person looks at."""
