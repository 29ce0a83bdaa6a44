"""The gateway to Sumsub: speaks to the provider in our words, touches no tables."""
