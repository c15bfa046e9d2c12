// Tests of Binding.
