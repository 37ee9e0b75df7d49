"""The embedded model: its files, and llama.cpp's server in a child process."""
