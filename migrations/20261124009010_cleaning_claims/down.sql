DROP INDEX cleaning.assignments_held_idx, cleaning.assignments_until_idx;
