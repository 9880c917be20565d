"""Files that say how flowctl works here: environments, and the settings of the workspace."""
