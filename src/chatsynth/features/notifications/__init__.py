"""What a person should know, kept until read, live in every tab."""
