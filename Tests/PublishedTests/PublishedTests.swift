// Tests of Published.
