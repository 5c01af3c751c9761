"""Pure: cleaning, tokens, word forms, sentences, detection. The ground floor."""
