"""From weights to codewords: code lengths, canonical prefix codes, their bytes."""
