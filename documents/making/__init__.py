"""Files that somebody asks for and a worker makes: progress, a day to fetch them."""
