// Tests of Image.
