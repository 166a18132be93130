-- After an outage of Redis, what was changed meanwhile is looked up by the time of its change, in every state.
CREATE INDEX checkout_sessions_updated_at ON checkout_sessions (updated_at);
