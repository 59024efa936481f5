"""Who told whom to do what: documents, tasks, recommendations and the firms that offer solutions."""
