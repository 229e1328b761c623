-- A store of schema 3, from before looks were stored: two optimizers at one learning rate, three
-- seeds, one epoch (making.py's numbers), without Optuna's tables.
BEGIN TRANSACTION;
CREATE TABLE sweep_alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	PRIMARY KEY (version_num)
);
INSERT INTO "sweep_alembic_version" VALUES('0003');
CREATE TABLE sweep_cohorts (
	cohort_id INTEGER NOT NULL, 
	run_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	optimizer TEXT NOT NULL, 
	seed INTEGER NOT NULL, 
	points TEXT NOT NULL, 
	started_at TEXT NOT NULL, 
	ended_at TEXT, 
	seconds REAL, 
	memory_bytes INTEGER, 
	multipliers BLOB, 
	multiplier_rows INTEGER, 
	provenance TEXT, 
	error TEXT, 
	PRIMARY KEY (cohort_id), 
	UNIQUE (run_id, number), 
	CONSTRAINT started_at_is_a_time CHECK (started_at IS NULL OR (length(started_at) = 26 AND datetime(started_at) IS NOT NULL)), 
	CONSTRAINT ended_at_is_a_time CHECK (ended_at IS NULL OR (length(ended_at) = 26 AND datetime(ended_at) IS NOT NULL)), 
	CONSTRAINT points_is_an_array CHECK (points IS NULL OR (json_valid(points) AND json_type(points) = 'array')), 
	CONSTRAINT provenance_is_an_object CHECK (provenance IS NULL OR (json_valid(provenance) AND json_type(provenance) = 'object')), 
	CONSTRAINT multipliers_have_rows CHECK (multiplier_rows >= 1 AND length(multipliers) > 0), 
	CONSTRAINT multipliers_are_counted CHECK ((multipliers IS NULL) = (multiplier_rows IS NULL)), 
	FOREIGN KEY(run_id) REFERENCES sweep_runs (run_id)
)
 STRICT

;
INSERT INTO "sweep_cohorts" VALUES(1,1,0,'adam',0,'[{"learning_rate": 0.01}]','2026-11-28 22:24:42.223624','2026-11-28 22:24:42.264714',3.0,10000000000,X'000000000000803E0000003F0000403F0000803F',1,'{"keras": "3.15.0"}',NULL);
INSERT INTO "sweep_cohorts" VALUES(2,1,1,'radam',0,'[{"learning_rate": 0.01}]','2026-11-28 22:24:42.279976','2026-11-28 22:24:42.297982',3.0,10000000000,X'000000000000803E0000003F0000403F0000803F',1,'{"keras": "3.15.0"}',NULL);
INSERT INTO "sweep_cohorts" VALUES(3,1,2,'adam',1,'[{"learning_rate": 0.01}]','2026-11-28 22:24:42.305589','2026-11-28 22:24:42.316541',3.0,10000000000,X'000000000000803E0000003F0000403F0000803F',1,'{"keras": "3.15.0"}',NULL);
INSERT INTO "sweep_cohorts" VALUES(4,1,3,'radam',1,'[{"learning_rate": 0.01}]','2026-11-28 22:24:42.323617','2026-11-28 22:24:42.337333',3.0,10000000000,X'000000000000803E0000003F0000403F0000803F',1,'{"keras": "3.15.0"}',NULL);
INSERT INTO "sweep_cohorts" VALUES(5,1,4,'adam',2,'[{"learning_rate": 0.01}]','2026-11-28 22:24:42.344298','2026-11-28 22:24:42.356909',3.0,10000000000,X'000000000000803E0000003F0000403F0000803F',1,'{"keras": "3.15.0"}',NULL);
INSERT INTO "sweep_cohorts" VALUES(6,1,5,'radam',2,'[{"learning_rate": 0.01}]','2026-11-28 22:24:42.365119','2026-11-28 22:24:42.377912',3.0,10000000000,X'000000000000803E0000003F0000403F0000803F',1,'{"keras": "3.15.0"}',NULL);
CREATE TABLE sweep_epochs (
	training_id INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	train_loss REAL, 
	train_accuracy REAL, 
	valid_loss REAL, 
	valid_accuracy REAL, 
	effective_learning_rate REAL, 
	not_finite TEXT, 
	PRIMARY KEY (training_id, epoch), 
	CONSTRAINT epoch_is_counted CHECK (epoch >= 0), 
	CONSTRAINT not_finite_is_json CHECK (not_finite IS NULL OR json_valid(not_finite)), 
	CONSTRAINT train_loss_is_a_figure CHECK (CASE WHEN train_loss IS NULL THEN coalesce(json_extract(not_finite, '$.train_loss'), '') IN ('nan', 'inf', '-inf') ELSE abs(train_loss) <= 1.7976931348623157e308 END), 
	CONSTRAINT train_accuracy_is_a_figure CHECK (CASE WHEN train_accuracy IS NULL THEN coalesce(json_extract(not_finite, '$.train_accuracy'), '') IN ('nan', 'inf', '-inf') ELSE abs(train_accuracy) <= 1.7976931348623157e308 END), 
	CONSTRAINT valid_loss_is_a_figure CHECK (CASE WHEN valid_loss IS NULL THEN coalesce(json_extract(not_finite, '$.valid_loss'), '') IN ('nan', 'inf', '-inf') ELSE abs(valid_loss) <= 1.7976931348623157e308 END), 
	CONSTRAINT valid_accuracy_is_a_figure CHECK (CASE WHEN valid_accuracy IS NULL THEN coalesce(json_extract(not_finite, '$.valid_accuracy'), '') IN ('nan', 'inf', '-inf') ELSE abs(valid_accuracy) <= 1.7976931348623157e308 END), 
	CONSTRAINT effective_learning_rate_is_a_figure CHECK (CASE WHEN effective_learning_rate IS NULL THEN coalesce(json_extract(not_finite, '$.effective_learning_rate'), '') IN ('nan', 'inf', '-inf') ELSE abs(effective_learning_rate) <= 1.7976931348623157e308 END), 
	FOREIGN KEY(training_id) REFERENCES sweep_trainings (training_id)
)
 STRICT

;
INSERT INTO "sweep_epochs" VALUES(1,0,0.5,0.5,0.5,0.5,NULL,'{"effective_learning_rate": "nan"}');
INSERT INTO "sweep_epochs" VALUES(1,1,0.49,0.51,0.49,0.51,0.01,NULL);
INSERT INTO "sweep_epochs" VALUES(2,0,0.5,0.5,0.5,0.5,NULL,'{"effective_learning_rate": "nan"}');
INSERT INTO "sweep_epochs" VALUES(2,1,0.49,0.51,0.49,0.51,0.01,NULL);
INSERT INTO "sweep_epochs" VALUES(3,0,0.4999,0.5001,0.4999,0.5001,NULL,'{"effective_learning_rate": "nan"}');
INSERT INTO "sweep_epochs" VALUES(3,1,0.4899,0.5101,0.4899,0.5101,0.01,NULL);
INSERT INTO "sweep_epochs" VALUES(4,0,0.4999,0.5001,0.4999,0.5001,NULL,'{"effective_learning_rate": "nan"}');
INSERT INTO "sweep_epochs" VALUES(4,1,0.4899,0.5101,0.4899,0.5101,0.01,NULL);
INSERT INTO "sweep_epochs" VALUES(5,0,0.4998,0.5002,0.4998,0.5002,NULL,'{"effective_learning_rate": "nan"}');
INSERT INTO "sweep_epochs" VALUES(5,1,0.4898,0.5102,0.4898,0.5102,0.01,NULL);
INSERT INTO "sweep_epochs" VALUES(6,0,0.4998,0.5002,0.4998,0.5002,NULL,'{"effective_learning_rate": "nan"}');
INSERT INTO "sweep_epochs" VALUES(6,1,0.4898,0.5102,0.4898,0.5102,0.01,NULL);
CREATE TABLE sweep_runs (
	run_id INTEGER NOT NULL, 
	study_id INTEGER NOT NULL, 
	started_at TEXT NOT NULL, 
	finished_at TEXT, 
	host TEXT NOT NULL, 
	process INTEGER NOT NULL, 
	command TEXT NOT NULL, 
	provenance TEXT NOT NULL, 
	PRIMARY KEY (run_id), 
	CONSTRAINT started_at_is_a_time CHECK (started_at IS NULL OR (length(started_at) = 26 AND datetime(started_at) IS NOT NULL)), 
	CONSTRAINT finished_at_is_a_time CHECK (finished_at IS NULL OR (length(finished_at) = 26 AND datetime(finished_at) IS NOT NULL)), 
	CONSTRAINT provenance_is_an_object CHECK (provenance IS NULL OR (json_valid(provenance) AND json_type(provenance) = 'object')), 
	FOREIGN KEY(study_id) REFERENCES sweep_studies (study_id)
)
 STRICT

;
INSERT INTO "sweep_runs" VALUES(1,1,'2026-11-28 22:24:41.482165','2026-11-28 22:24:42.388579','this-host',4321,'sweep run small','{"command": "sweep run small", "host": "this-host", "process": 4321, "versions": {"sweep": "0.1.0", "python": "3.11"}, "device": "a processor", "backend": "tensorflow", "features_key": "features-1", "pictures": {"name": "rendered pets", "source": "drawn", "class_names": ["cat", "dog"], "train_counts": [20, 20], "valid_counts": [4, 6], "skipped": [["x.jpg", "empty"]], "content_hash": "abc", "tally": null}, "weights": {"name": "random", "source": "seed 0", "content_hash": "def"}, "code": {}}');
CREATE TABLE sweep_schema (
	version INTEGER NOT NULL, 
	sweep_version VARCHAR(64) NOT NULL
);
INSERT INTO "sweep_schema" VALUES(3,'0.1.0');
CREATE TABLE sweep_studies (
	study_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	features_key TEXT NOT NULL, 
	definition TEXT NOT NULL, 
	PRIMARY KEY (study_id), 
	CONSTRAINT definition_is_an_object CHECK (definition IS NULL OR (json_valid(definition) AND json_type(definition) = 'object')), 
	UNIQUE (name)
)
 STRICT

;
INSERT INTO "sweep_studies" VALUES(1,'small','features-1','{"name": "small", "question": "Which one?", "pictures": {"dataset": "dogs-vs-cats", "limit": 2500, "validation_share": 0.2, "classes": null, "split": "own", "twins": "together", "orientation": "ignored"}, "model": {"backbone": "vgg16", "weights": "imagenet", "image_size": 224, "hidden_units": 256, "precision": "float32"}, "optimizers": [{"label": "adam", "algorithm": "adam", "settings": {}, "warmup": null, "learning_rate": null, "fixed": [], "values": {}}, {"label": "radam", "algorithm": "radam", "settings": {}, "warmup": null, "learning_rate": null, "fixed": [], "values": {}}], "axes": [{"name": "learning_rate", "scale": "log", "values": [0.01]}], "base": {}, "seeds": [0, 1, 2], "epochs": 1, "batch_size": 64}');
CREATE TABLE sweep_trainings (
	training_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	fingerprint TEXT NOT NULL, 
	outcome TEXT, 
	diverged_at_epoch INTEGER, 
	seconds REAL, 
	PRIMARY KEY (training_id), 
	UNIQUE (cohort_id, fingerprint), 
	CONSTRAINT outcome_is_known CHECK (outcome IN ('completed', 'diverged', 'failed')), 
	CONSTRAINT diverged_at_an_epoch CHECK (CASE WHEN outcome = 'diverged' THEN coalesce(diverged_at_epoch, 0) >= 1 ELSE diverged_at_epoch IS NULL END), 
	FOREIGN KEY(cohort_id) REFERENCES sweep_cohorts (cohort_id)
)
 STRICT

;
INSERT INTO "sweep_trainings" VALUES(1,1,'d9a111cb4171af1e4b7bd5074a07d524','completed',NULL,3.0);
INSERT INTO "sweep_trainings" VALUES(2,2,'a76511a171d72c9dacc55de393ed006a','completed',NULL,3.0);
INSERT INTO "sweep_trainings" VALUES(3,3,'bceda05b00f1c7c7b59db019ad16390f','completed',NULL,3.0);
INSERT INTO "sweep_trainings" VALUES(4,4,'d97ca1f5a3af64a572dda5ffa63be8e9','completed',NULL,3.0);
INSERT INTO "sweep_trainings" VALUES(5,5,'4222b246a7d18d4c800e0c09ddf70438','completed',NULL,3.0);
INSERT INTO "sweep_trainings" VALUES(6,6,'7668210cc46fc36b24e3360e2205b88a','completed',NULL,3.0);
CREATE TABLE sweep_trials (
	trial_id INTEGER NOT NULL, 
	study_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	training_id INTEGER NOT NULL, 
	optimizer TEXT NOT NULL, 
	point TEXT NOT NULL, 
	seed INTEGER NOT NULL, 
	PRIMARY KEY (trial_id), 
	UNIQUE (study_id, number), 
	UNIQUE (study_id, optimizer, point, seed, training_id), 
	CONSTRAINT point_is_an_object CHECK (point IS NULL OR (json_valid(point) AND json_type(point) = 'object')), 
	FOREIGN KEY(study_id) REFERENCES sweep_studies (study_id), 
	FOREIGN KEY(training_id) REFERENCES sweep_trainings (training_id)
)
 STRICT

;
INSERT INTO "sweep_trials" VALUES(1,1,0,1,'adam','{"learning_rate": 0.01}',0);
INSERT INTO "sweep_trials" VALUES(2,1,1,2,'radam','{"learning_rate": 0.01}',0);
INSERT INTO "sweep_trials" VALUES(3,1,2,3,'adam','{"learning_rate": 0.01}',1);
INSERT INTO "sweep_trials" VALUES(4,1,3,4,'radam','{"learning_rate": 0.01}',1);
INSERT INTO "sweep_trials" VALUES(5,1,4,5,'adam','{"learning_rate": 0.01}',2);
INSERT INTO "sweep_trials" VALUES(6,1,5,6,'radam','{"learning_rate": 0.01}',2);
CREATE INDEX ix_sweep_runs_study_id ON sweep_runs (study_id);
CREATE INDEX ix_sweep_trainings_fingerprint ON sweep_trainings (fingerprint);
CREATE UNIQUE INDEX sweep_trainings_finished_once ON sweep_trainings (fingerprint) WHERE outcome IN ('completed', 'diverged');
CREATE INDEX ix_sweep_trials_training_id ON sweep_trials (training_id);
COMMIT;
