-- A store as sweep 0.1 made it (schema 2), without Optuna's tables; test_store_migrations.py says
-- what is in it.
CREATE TABLE sweep_schema (
	version INTEGER NOT NULL, 
	sweep_version VARCHAR(64) NOT NULL
);
INSERT INTO "sweep_schema" VALUES(2,'0.1.0');
CREATE TABLE sweep_studies (
	study_id INTEGER NOT NULL, 
	name VARCHAR(120) NOT NULL, 
	features_key VARCHAR(64) NOT NULL, 
	definition JSON NOT NULL, 
	PRIMARY KEY (study_id), 
	UNIQUE (name)
);
INSERT INTO "sweep_studies" VALUES(1,'small','features-1','{"name": "small", "question": "Which one?", "pictures": {"dataset": "dogs-vs-cats", "limit": 2500, "validation_share": 0.2}, "model": {"backbone": "vgg16", "weights": "imagenet", "image_size": 224, "hidden_units": 256, "precision": "float32"}, "optimizers": [{"label": "adam", "algorithm": "adam", "settings": {}, "warmup": null}, {"label": "radam", "algorithm": "radam", "settings": {}, "warmup": null}, {"label": "plain", "algorithm": "adam", "settings": {"beta_2": 0.999}, "warmup": null}], "learning_rates": [0.01, 0.1], "seeds": [0], "epochs": 2, "batch_size": 64}');
INSERT INTO "sweep_studies" VALUES(2,'copy','features-1','{"name": "copy", "question": "Which one?", "pictures": {"dataset": "dogs-vs-cats", "limit": 2500, "validation_share": 0.2}, "model": {"backbone": "vgg16", "weights": "imagenet", "image_size": 224, "hidden_units": 256, "precision": "float32"}, "optimizers": [{"label": "radam", "algorithm": "radam", "settings": {}, "warmup": null}], "learning_rates": [0.01, 0.1], "seeds": [0, 1], "epochs": 2, "batch_size": 64}');
INSERT INTO "sweep_studies" VALUES(3,'alone','features-1','{"name": "alone", "question": "Which one?", "pictures": {"dataset": "dogs-vs-cats", "limit": 2500, "validation_share": 0.2}, "model": {"backbone": "vgg16", "weights": "imagenet", "image_size": 224, "hidden_units": 256, "precision": "float32"}, "optimizers": [{"label": "mine", "algorithm": "sgd", "settings": {"momentum": 0.0}, "warmup": null}], "learning_rates": [0.01, 0.1], "seeds": [0], "epochs": 2, "batch_size": 64}');
INSERT INTO "sweep_studies" VALUES(4,'one','features-1','{"name": "one", "question": "Which one?", "pictures": {"dataset": "dogs-vs-cats", "limit": 2500, "validation_share": 0.2}, "model": {"backbone": "vgg16", "weights": "imagenet", "image_size": 224, "hidden_units": 256, "precision": "float32"}, "optimizers": [{"label": "adam", "algorithm": "adam", "settings": {}, "warmup": null}], "learning_rates": [0.01, 0.1], "seeds": [7], "epochs": 2, "batch_size": 64}');
INSERT INTO "sweep_studies" VALUES(5,'two','features-1','{"name": "two", "question": "Which one?", "pictures": {"dataset": "dogs-vs-cats", "limit": 2500, "validation_share": 0.2}, "model": {"backbone": "vgg16", "weights": "imagenet", "image_size": 224, "hidden_units": 256, "precision": "float32"}, "optimizers": [{"label": "adam", "algorithm": "adam", "settings": {}, "warmup": null}], "learning_rates": [0.01, 0.1], "seeds": [7], "epochs": 2, "batch_size": 64}');
CREATE TABLE sweep_runs (
	run_id INTEGER NOT NULL, 
	study_id INTEGER NOT NULL, 
	started_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	host VARCHAR(255) NOT NULL, 
	process INTEGER NOT NULL, 
	command TEXT NOT NULL, 
	provenance JSON NOT NULL, 
	PRIMARY KEY (run_id), 
	FOREIGN KEY(study_id) REFERENCES sweep_studies (study_id)
);
INSERT INTO "sweep_runs" VALUES(1,1,'2026-11-25 15:25:21.313744','2026-11-25 15:25:22.394402','this-host',4321,'sweep run small','{"command": "sweep run small", "host": "this-host", "process": 4321, "versions": {"sweep": "0.1.0", "python": "3.11"}, "device": "a processor", "backend": "tensorflow", "features_key": "features-1", "pictures": {"name": "rendered pets", "source": "drawn", "class_names": ["cat", "dog"], "train_counts": [20, 20], "valid_counts": [4, 6], "skipped": [["x.jpg", "empty"]], "content_hash": "abc"}, "weights": {"name": "random", "source": "seed 0", "content_hash": "def"}}');
INSERT INTO "sweep_runs" VALUES(2,1,'2026-11-25 15:25:22.401178','2026-11-25 15:25:22.611669','this-host',4321,'sweep run small','{"command": "sweep run small", "host": "this-host", "process": 4321, "versions": {"sweep": "0.1.0", "python": "3.11"}, "device": "a processor", "backend": "tensorflow", "features_key": "features-1", "pictures": {"name": "rendered pets", "source": "drawn", "class_names": ["cat", "dog"], "train_counts": [20, 20], "valid_counts": [4, 6], "skipped": [["x.jpg", "empty"]], "content_hash": "abc"}, "weights": {"name": "random", "source": "seed 0", "content_hash": "def"}}');
INSERT INTO "sweep_runs" VALUES(3,2,'2026-11-25 15:25:22.624293','2026-11-25 15:25:22.764875','this-host',4321,'sweep run small','{"command": "sweep run small", "host": "this-host", "process": 4321, "versions": {"sweep": "0.1.0", "python": "3.11"}, "device": "a processor", "backend": "tensorflow", "features_key": "features-1", "pictures": {"name": "rendered pets", "source": "drawn", "class_names": ["cat", "dog"], "train_counts": [20, 20], "valid_counts": [4, 6], "skipped": [["x.jpg", "empty"]], "content_hash": "abc"}, "weights": {"name": "random", "source": "seed 0", "content_hash": "def"}}');
INSERT INTO "sweep_runs" VALUES(4,3,'2026-11-25 15:25:22.767659','2026-11-25 15:25:22.910585','this-host',4321,'sweep run small','{"command": "sweep run small", "host": "this-host", "process": 4321, "versions": {"sweep": "0.1.0", "python": "3.11"}, "device": "a processor", "backend": "tensorflow", "features_key": "features-1", "pictures": {"name": "rendered pets", "source": "drawn", "class_names": ["cat", "dog"], "train_counts": [20, 20], "valid_counts": [4, 6], "skipped": [["x.jpg", "empty"]], "content_hash": "abc"}, "weights": {"name": "random", "source": "seed 0", "content_hash": "def"}}');
INSERT INTO "sweep_runs" VALUES(5,4,'2026-11-25 15:25:22.922842','2026-11-25 15:25:23.237899','this-host',4321,'sweep run small','{"command": "sweep run small", "host": "this-host", "process": 4321, "versions": {"sweep": "0.1.0", "python": "3.11"}, "device": "a processor", "backend": "tensorflow", "features_key": "features-1", "pictures": {"name": "rendered pets", "source": "drawn", "class_names": ["cat", "dog"], "train_counts": [20, 20], "valid_counts": [4, 6], "skipped": [["x.jpg", "empty"]], "content_hash": "abc"}, "weights": {"name": "random", "source": "seed 0", "content_hash": "def"}}');
INSERT INTO "sweep_runs" VALUES(6,5,'2026-11-25 15:25:23.015520','2026-11-25 15:25:23.235941','this-host',4321,'sweep run small','{"command": "sweep run small", "host": "this-host", "process": 4321, "versions": {"sweep": "0.1.0", "python": "3.11"}, "device": "a processor", "backend": "tensorflow", "features_key": "features-1", "pictures": {"name": "rendered pets", "source": "drawn", "class_names": ["cat", "dog"], "train_counts": [20, 20], "valid_counts": [4, 6], "skipped": [["x.jpg", "empty"]], "content_hash": "abc"}, "weights": {"name": "random", "source": "seed 0", "content_hash": "def"}}');
CREATE TABLE sweep_cohorts (
	cohort_id INTEGER NOT NULL, 
	run_id INTEGER NOT NULL, 
	optimizer VARCHAR(60) NOT NULL, 
	seed INTEGER NOT NULL, 
	learning_rates JSON NOT NULL, 
	started_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	seconds DOUBLE, 
	memory_bytes BIGINT, 
	multipliers BLOB, 
	provenance JSON, 
	error TEXT, 
	PRIMARY KEY (cohort_id), 
	FOREIGN KEY(run_id) REFERENCES sweep_runs (run_id)
);
INSERT INTO "sweep_cohorts" VALUES(1,1,'adam',0,'[0.01, 0.1]','2026-11-25 15:25:22.267090','2026-11-25 15:25:22.337884',3.0,10000000000,X'000000000000803E0000003F0000403F0000803F','{"keras": "3.15.0"}',NULL);
INSERT INTO "sweep_cohorts" VALUES(2,1,'radam',0,'[0.01, 0.1]','2026-11-25 15:25:22.350486','2026-11-25 15:25:22.375145',1.5,NULL,NULL,NULL,'Traceback …
ValueError: no such thing');
INSERT INTO "sweep_cohorts" VALUES(3,2,'radam',0,'[0.01, 0.1]','2026-11-25 15:25:22.498613','2026-11-25 15:25:22.535097',3.0,10000000000,X'000000000000803E0000003F0000403F0000803F','{"keras": "3.15.0"}',NULL);
INSERT INTO "sweep_cohorts" VALUES(4,2,'plain',0,'[0.01, 0.1]','2026-11-25 15:25:22.561287','2026-11-25 15:25:22.595096',3.0,10000000000,X'000000000000803E0000003F0000403F0000803F','{"keras": "3.15.0"}',NULL);
INSERT INTO "sweep_cohorts" VALUES(5,3,'radam',1,'[0.01, 0.1]','2026-11-25 15:25:22.721100','2026-11-25 15:25:22.743292',3.0,10000000000,X'000000000000803E0000003F0000403F0000803F','{"keras": "3.15.0"}',NULL);
INSERT INTO "sweep_cohorts" VALUES(6,4,'mine',0,'[0.01, 0.1]','2026-11-25 15:25:22.859081','2026-11-25 15:25:22.893627',3.0,10000000000,X'000000000000803E0000003F0000403F0000803F','{"keras": "3.15.0"}',NULL);
INSERT INTO "sweep_cohorts" VALUES(7,5,'adam',7,'[0.01, 0.1]','2026-11-25 15:25:23.112667','2026-11-25 15:25:23.141452',3.0,10000000000,X'000000000000803E0000003F0000403F0000803F','{"keras": "3.15.0"}',NULL);
INSERT INTO "sweep_cohorts" VALUES(8,6,'adam',7,'[0.01, 0.1]','2026-11-25 15:25:23.157104','2026-11-25 15:25:23.213503',3.0,10000000000,X'000000000000803E0000003F0000403F0000803F','{"keras": "3.15.0"}',NULL);
CREATE TABLE sweep_trials (
	trial_id INTEGER NOT NULL, 
	study_id INTEGER NOT NULL, 
	cohort_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	fingerprint VARCHAR(64) NOT NULL, 
	optimizer VARCHAR(60) NOT NULL, 
	learning_rate DOUBLE NOT NULL, 
	seed INTEGER NOT NULL, 
	outcome VARCHAR(16), 
	diverged_at_epoch INTEGER, 
	seconds DOUBLE, 
	copied_from VARCHAR(120), 
	PRIMARY KEY (trial_id), 
	UNIQUE (study_id, number), 
	FOREIGN KEY(study_id) REFERENCES sweep_studies (study_id), 
	FOREIGN KEY(cohort_id) REFERENCES sweep_cohorts (cohort_id)
);
INSERT INTO "sweep_trials" VALUES(1,1,1,0,'1f373bd254d54258c0c15ce039111aa6','adam',0.01,0,'completed',NULL,1.5,NULL);
INSERT INTO "sweep_trials" VALUES(2,1,1,1,'1f57d4c910557cec50a6a3579e7e2dec','adam',0.1,0,'diverged',1,1.5,NULL);
INSERT INTO "sweep_trials" VALUES(3,1,2,2,'06f5ce1f674607efe8be3e43d5ea3c86','radam',0.01,0,'failed',NULL,0.75,NULL);
INSERT INTO "sweep_trials" VALUES(4,1,2,3,'6cf25f7ebf9706ebc3785eda4da3de3a','radam',0.1,0,'failed',NULL,0.75,NULL);
INSERT INTO "sweep_trials" VALUES(5,1,3,4,'06f5ce1f674607efe8be3e43d5ea3c86','radam',0.01,0,'completed',NULL,1.5,NULL);
INSERT INTO "sweep_trials" VALUES(6,1,3,5,'6cf25f7ebf9706ebc3785eda4da3de3a','radam',0.1,0,'completed',NULL,1.5,NULL);
INSERT INTO "sweep_trials" VALUES(7,1,4,6,'e849c23e45ac79140319c5f186495540','plain',0.01,0,'completed',NULL,1.5,NULL);
INSERT INTO "sweep_trials" VALUES(8,1,4,7,'d55220a45db9bbeb28472ed9dd832a8b','plain',0.1,0,'completed',NULL,1.5,NULL);
INSERT INTO "sweep_trials" VALUES(9,2,3,0,'06f5ce1f674607efe8be3e43d5ea3c86','radam',0.01,0,'completed',NULL,1.5,'small');
INSERT INTO "sweep_trials" VALUES(10,2,3,1,'6cf25f7ebf9706ebc3785eda4da3de3a','radam',0.1,0,'completed',NULL,1.5,'small');
INSERT INTO "sweep_trials" VALUES(11,2,5,2,'d41ff9e403ace4041681c4e417a7b680','radam',0.01,1,'completed',NULL,1.5,NULL);
INSERT INTO "sweep_trials" VALUES(12,2,5,3,'07a8795440e19b0aaaf434c76aee94d1','radam',0.1,1,'completed',NULL,1.5,NULL);
INSERT INTO "sweep_trials" VALUES(13,3,6,0,'ee4d5adc854619816d8f242c7097473d','mine',0.01,0,'completed',NULL,1.5,NULL);
INSERT INTO "sweep_trials" VALUES(14,3,6,1,'93d18db2d0d976a0f5a5c5703299e73d','mine',0.1,0,'completed',NULL,1.5,NULL);
INSERT INTO "sweep_trials" VALUES(15,4,7,0,'abc5b188b3a44de548ed12a3488680c0','adam',0.01,7,'completed',NULL,1.5,NULL);
INSERT INTO "sweep_trials" VALUES(16,4,7,1,'6cd1e59dbd63a31f9ff29e4013c7ccf3','adam',0.1,7,'completed',NULL,1.5,NULL);
INSERT INTO "sweep_trials" VALUES(17,5,8,0,'abc5b188b3a44de548ed12a3488680c0','adam',0.01,7,'diverged',1,1.5,NULL);
INSERT INTO "sweep_trials" VALUES(18,5,8,1,'6cd1e59dbd63a31f9ff29e4013c7ccf3','adam',0.1,7,'completed',NULL,1.5,NULL);
CREATE TABLE sweep_epochs (
	trial_id INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	train_loss DOUBLE, 
	train_accuracy DOUBLE, 
	valid_loss DOUBLE, 
	valid_accuracy DOUBLE, 
	effective_learning_rate DOUBLE, 
	not_finite TEXT, 
	PRIMARY KEY (trial_id, epoch), 
	FOREIGN KEY(trial_id) REFERENCES sweep_trials (trial_id)
);
INSERT INTO "sweep_epochs" VALUES(1,0,0.5,0.5,0.5,0.5,NULL,'{"effective_learning_rate": "nan"}');
INSERT INTO "sweep_epochs" VALUES(2,0,0.499,0.501,0.499,0.501,NULL,'{"effective_learning_rate": "nan"}');
INSERT INTO "sweep_epochs" VALUES(1,1,0.49,0.51,0.49,0.51,0.01,NULL);
INSERT INTO "sweep_epochs" VALUES(2,1,NULL,0.511,NULL,0.511,0.1,'{"train_loss": "inf", "valid_loss": "inf"}');
INSERT INTO "sweep_epochs" VALUES(1,2,0.48,0.52,0.48,0.52,0.01,NULL);
INSERT INTO "sweep_epochs" VALUES(3,0,0.5,0.5,0.5,0.5,NULL,'{"effective_learning_rate": "nan"}');
INSERT INTO "sweep_epochs" VALUES(4,0,0.499,0.501,0.499,0.501,NULL,'{"effective_learning_rate": "nan"}');
INSERT INTO "sweep_epochs" VALUES(3,1,0.49,0.51,0.49,0.51,0.01,NULL);
INSERT INTO "sweep_epochs" VALUES(4,1,0.489,0.511,0.489,0.511,0.1,NULL);
INSERT INTO "sweep_epochs" VALUES(5,0,0.5,0.5,0.5,0.5,NULL,'{"effective_learning_rate": "nan"}');
INSERT INTO "sweep_epochs" VALUES(6,0,0.499,0.501,0.499,0.501,NULL,'{"effective_learning_rate": "nan"}');
INSERT INTO "sweep_epochs" VALUES(5,1,0.49,0.51,0.49,0.51,0.01,NULL);
INSERT INTO "sweep_epochs" VALUES(6,1,0.489,0.511,0.489,0.511,0.1,NULL);
INSERT INTO "sweep_epochs" VALUES(5,2,0.48,0.52,0.48,0.52,0.01,NULL);
INSERT INTO "sweep_epochs" VALUES(6,2,0.479,0.521,0.479,0.521,0.1,NULL);
INSERT INTO "sweep_epochs" VALUES(7,0,0.5,0.5,0.5,0.5,NULL,'{"effective_learning_rate": "nan"}');
INSERT INTO "sweep_epochs" VALUES(8,0,0.499,0.501,0.499,0.501,NULL,'{"effective_learning_rate": "nan"}');
INSERT INTO "sweep_epochs" VALUES(7,1,0.49,0.51,0.49,0.51,0.01,NULL);
INSERT INTO "sweep_epochs" VALUES(8,1,0.489,0.511,0.489,0.511,0.1,NULL);
INSERT INTO "sweep_epochs" VALUES(7,2,0.48,0.52,0.48,0.52,0.01,NULL);
INSERT INTO "sweep_epochs" VALUES(8,2,0.479,0.521,0.479,0.521,0.1,NULL);
INSERT INTO "sweep_epochs" VALUES(9,0,0.5,0.5,0.5,0.5,NULL,'{"effective_learning_rate": "nan"}');
INSERT INTO "sweep_epochs" VALUES(9,1,0.49,0.51,0.49,0.51,0.01,NULL);
INSERT INTO "sweep_epochs" VALUES(9,2,0.48,0.52,0.48,0.52,0.01,NULL);
INSERT INTO "sweep_epochs" VALUES(10,0,0.499,0.501,0.499,0.501,NULL,'{"effective_learning_rate": "nan"}');
INSERT INTO "sweep_epochs" VALUES(10,1,0.489,0.511,0.489,0.511,0.1,NULL);
INSERT INTO "sweep_epochs" VALUES(10,2,0.479,0.521,0.479,0.521,0.1,NULL);
INSERT INTO "sweep_epochs" VALUES(11,0,0.4999,0.5001,0.4999,0.5001,NULL,'{"effective_learning_rate": "nan"}');
INSERT INTO "sweep_epochs" VALUES(12,0,0.4989,0.5011,0.4989,0.5011,NULL,'{"effective_learning_rate": "nan"}');
INSERT INTO "sweep_epochs" VALUES(11,1,0.4899,0.5101,0.4899,0.5101,0.01,NULL);
INSERT INTO "sweep_epochs" VALUES(12,1,0.4889,0.5111,0.4889,0.5111,0.1,NULL);
INSERT INTO "sweep_epochs" VALUES(11,2,0.4799,0.5201,0.4799,0.5201,0.01,NULL);
INSERT INTO "sweep_epochs" VALUES(12,2,0.4789,0.5211,0.4789,0.5211,0.1,NULL);
INSERT INTO "sweep_epochs" VALUES(13,0,0.5,0.5,0.5,0.5,NULL,'{"effective_learning_rate": "nan"}');
INSERT INTO "sweep_epochs" VALUES(14,0,0.499,0.501,0.499,0.501,NULL,'{"effective_learning_rate": "nan"}');
INSERT INTO "sweep_epochs" VALUES(13,1,0.49,0.51,0.49,0.51,0.01,NULL);
INSERT INTO "sweep_epochs" VALUES(14,1,0.489,0.511,0.489,0.511,0.1,NULL);
INSERT INTO "sweep_epochs" VALUES(13,2,0.48,0.52,0.48,0.52,0.01,NULL);
INSERT INTO "sweep_epochs" VALUES(14,2,0.479,0.521,0.479,0.521,0.1,NULL);
INSERT INTO "sweep_epochs" VALUES(15,0,4.99299999999999966071e-01,0.5007,4.99299999999999966071e-01,0.5007,NULL,'{"effective_learning_rate": "nan"}');
INSERT INTO "sweep_epochs" VALUES(16,0,4.98299999999999965183e-01,0.5017,4.98299999999999965183e-01,0.5017,NULL,'{"effective_learning_rate": "nan"}');
INSERT INTO "sweep_epochs" VALUES(15,1,4.89299999999999957189e-01,0.5107,4.89299999999999957189e-01,0.5107,0.01,NULL);
INSERT INTO "sweep_epochs" VALUES(16,1,4.88299999999999956301e-01,0.5117,4.88299999999999956301e-01,0.5117,0.1,NULL);
INSERT INTO "sweep_epochs" VALUES(15,2,4.79299999999999948308e-01,0.5207,4.79299999999999948308e-01,0.5207,0.01,NULL);
INSERT INTO "sweep_epochs" VALUES(16,2,4.78299999999999947419e-01,0.5217,4.78299999999999947419e-01,0.5217,0.1,NULL);
INSERT INTO "sweep_epochs" VALUES(17,0,4.99299999999999966071e-01,0.5007,4.99299999999999966071e-01,0.5007,NULL,'{"effective_learning_rate": "nan"}');
INSERT INTO "sweep_epochs" VALUES(18,0,4.98299999999999965183e-01,0.5017,4.98299999999999965183e-01,0.5017,NULL,'{"effective_learning_rate": "nan"}');
INSERT INTO "sweep_epochs" VALUES(17,1,NULL,0.5107,NULL,0.5107,0.01,'{"train_loss": "inf", "valid_loss": "inf"}');
INSERT INTO "sweep_epochs" VALUES(18,1,4.88299999999999956301e-01,0.5117,4.88299999999999956301e-01,0.5117,0.1,NULL);
INSERT INTO "sweep_epochs" VALUES(18,2,4.78299999999999947419e-01,0.5217,4.78299999999999947419e-01,0.5217,0.1,NULL);
CREATE TABLE sweep_logits (
	trial_id INTEGER NOT NULL, 
	valid_logits BLOB NOT NULL, 
	PRIMARY KEY (trial_id), 
	FOREIGN KEY(trial_id) REFERENCES sweep_trials (trial_id)
);
INSERT INTO "sweep_logits" VALUES(1,X'000000000000803F0000004000004040000080400000A0400000C0400000E0400000004100001041');
INSERT INTO "sweep_logits" VALUES(2,X'00002041000030410000404100005041000060410000704100008041000088410000904100009841');
INSERT INTO "sweep_logits" VALUES(5,X'000000000000803F0000004000004040000080400000A0400000C0400000E0400000004100001041');
INSERT INTO "sweep_logits" VALUES(6,X'00002041000030410000404100005041000060410000704100008041000088410000904100009841');
INSERT INTO "sweep_logits" VALUES(7,X'000000000000803F0000004000004040000080400000A0400000C0400000E0400000004100001041');
INSERT INTO "sweep_logits" VALUES(8,X'00002041000030410000404100005041000060410000704100008041000088410000904100009841');
INSERT INTO "sweep_logits" VALUES(9,X'000000000000803F0000004000004040000080400000A0400000C0400000E0400000004100001041');
INSERT INTO "sweep_logits" VALUES(10,X'00002041000030410000404100005041000060410000704100008041000088410000904100009841');
INSERT INTO "sweep_logits" VALUES(11,X'0000803F0000004000004040000080400000A0400000C0400000E040000000410000104100002041');
INSERT INTO "sweep_logits" VALUES(12,X'0000304100004041000050410000604100007041000080410000884100009041000098410000A041');
INSERT INTO "sweep_logits" VALUES(13,X'000000000000803F0000004000004040000080400000A0400000C0400000E0400000004100001041');
INSERT INTO "sweep_logits" VALUES(14,X'00002041000030410000404100005041000060410000704100008041000088410000904100009841');
INSERT INTO "sweep_logits" VALUES(15,X'0000E040000000410000104100002041000030410000404100005041000060410000704100008041');
INSERT INTO "sweep_logits" VALUES(16,X'0000884100009041000098410000A0410000A8410000B0410000B8410000C0410000C8410000D041');
INSERT INTO "sweep_logits" VALUES(17,X'0000E040000000410000104100002041000030410000404100005041000060410000704100008041');
INSERT INTO "sweep_logits" VALUES(18,X'0000884100009041000098410000A0410000A8410000B0410000B8410000C0410000C8410000D041');
CREATE INDEX ix_sweep_runs_study_id ON sweep_runs (study_id);
CREATE INDEX ix_sweep_cohorts_run_id ON sweep_cohorts (run_id);
CREATE INDEX ix_sweep_trials_cohort_id ON sweep_trials (cohort_id);
CREATE INDEX ix_sweep_trials_fingerprint ON sweep_trials (fingerprint);
CREATE UNIQUE INDEX sweep_trials_finished_once ON sweep_trials (study_id, fingerprint) WHERE outcome IN ('completed', 'diverged');
