"""From symbols to bits and back: a slow oracle and fast engines that must agree with it bit by bit."""
