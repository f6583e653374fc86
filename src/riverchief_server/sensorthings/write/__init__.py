"""Changes things: creates, updates and deletes entities, and hands observations to the store."""
