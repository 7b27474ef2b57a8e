"""From the shopper's words to acts and slots."""
