DROP TABLE platform.job_slots;
DROP TABLE platform.jobs;
