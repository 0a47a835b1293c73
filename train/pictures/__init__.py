"""The pictures of training: each module draws one kind, `style` holds what they share."""
