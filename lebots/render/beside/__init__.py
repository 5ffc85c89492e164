"""What stands beside the changes of a plan: origins, rules in force, how busy a bot is."""
