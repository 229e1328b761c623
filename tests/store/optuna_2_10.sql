BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('v2.6.0.a');
CREATE TABLE studies (
	study_id INTEGER NOT NULL, 
	study_name VARCHAR(512) NOT NULL, 
	PRIMARY KEY (study_id)
);
INSERT INTO "studies" VALUES(1,'mine');
INSERT INTO "studies" VALUES(2,'two');
CREATE TABLE study_directions (
	study_direction_id INTEGER NOT NULL, 
	direction VARCHAR(8) NOT NULL, 
	study_id INTEGER NOT NULL, 
	objective INTEGER NOT NULL, 
	PRIMARY KEY (study_direction_id), 
	UNIQUE (study_id, objective), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
INSERT INTO "study_directions" VALUES(1,'MAXIMIZE',1,0);
INSERT INTO "study_directions" VALUES(2,'MAXIMIZE',2,0);
INSERT INTO "study_directions" VALUES(3,'MINIMIZE',2,1);
CREATE TABLE study_system_attributes (
	study_system_attribute_id INTEGER NOT NULL, 
	study_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (study_system_attribute_id), 
	UNIQUE (study_id, "key"), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
CREATE TABLE study_user_attributes (
	study_user_attribute_id INTEGER NOT NULL, 
	study_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (study_user_attribute_id), 
	UNIQUE (study_id, "key"), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
CREATE TABLE trial_heartbeats (
	trial_heartbeat_id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	heartbeat DATETIME NOT NULL, 
	PRIMARY KEY (trial_heartbeat_id), 
	UNIQUE (trial_id), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
CREATE TABLE trial_intermediate_values (
	trial_intermediate_value_id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	step INTEGER NOT NULL, 
	intermediate_value FLOAT NOT NULL, 
	PRIMARY KEY (trial_intermediate_value_id), 
	UNIQUE (trial_id, step), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_intermediate_values" VALUES(1,1,0,0.0);
INSERT INTO "trial_intermediate_values" VALUES(2,1,1,1.85471443920279741024e-02);
INSERT INTO "trial_intermediate_values" VALUES(3,1,2,3.70942887840559482048e-02);
INSERT INTO "trial_intermediate_values" VALUES(4,2,0,0.0);
INSERT INTO "trial_intermediate_values" VALUES(5,2,1,6.00384994897077816505e-03);
INSERT INTO "trial_intermediate_values" VALUES(6,2,2,1.20076998979415563301e-02);
INSERT INTO "trial_intermediate_values" VALUES(7,3,0,0.0);
INSERT INTO "trial_intermediate_values" VALUES(8,3,1,1.51151996984817465694e-03);
INSERT INTO "trial_intermediate_values" VALUES(9,3,2,3.02303993969634931388e-03);
INSERT INTO "trial_intermediate_values" VALUES(10,4,0,0.0);
INSERT INTO "trial_intermediate_values" VALUES(11,4,1,0.00208256188626868);
INSERT INTO "trial_intermediate_values" VALUES(12,4,2,0.00416512377253736);
INSERT INTO "trial_intermediate_values" VALUES(13,5,0,0.0);
INSERT INTO "trial_intermediate_values" VALUES(14,5,1,4.15476475221300317521e-04);
INSERT INTO "trial_intermediate_values" VALUES(15,5,2,8.30952950442600635043e-04);
CREATE TABLE trial_params (
	param_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	param_name VARCHAR(512), 
	param_value FLOAT, 
	distribution_json TEXT, 
	PRIMARY KEY (param_id), 
	UNIQUE (trial_id, param_name), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_params" VALUES(1,1,'lr',1.85471443920279741024e-02,'{"name": "LogUniformDistribution", "attributes": {"low": 0.0001, "high": 0.1}}');
INSERT INTO "trial_params" VALUES(2,1,'u',7.80154414524255379603e-01,'{"name": "UniformDistribution", "attributes": {"low": 0.0, "high": 1.0}}');
INSERT INTO "trial_params" VALUES(3,1,'c',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["a", "b"]}}');
INSERT INTO "trial_params" VALUES(4,1,'n',2.0,'{"name": "IntUniformDistribution", "attributes": {"low": 1, "high": 9, "step": 1}}');
INSERT INTO "trial_params" VALUES(5,2,'lr',6.00384994897077816505e-03,'{"name": "LogUniformDistribution", "attributes": {"low": 0.0001, "high": 0.1}}');
INSERT INTO "trial_params" VALUES(6,2,'u',0.603411028010455,'{"name": "UniformDistribution", "attributes": {"low": 0.0, "high": 1.0}}');
INSERT INTO "trial_params" VALUES(7,2,'c',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["a", "b"]}}');
INSERT INTO "trial_params" VALUES(8,2,'n',1.0,'{"name": "IntUniformDistribution", "attributes": {"low": 1, "high": 9, "step": 1}}');
INSERT INTO "trial_params" VALUES(9,3,'lr',1.51151996984817465694e-03,'{"name": "LogUniformDistribution", "attributes": {"low": 0.0001, "high": 0.1}}');
INSERT INTO "trial_params" VALUES(10,3,'u',9.42245504639790731893e-01,'{"name": "UniformDistribution", "attributes": {"low": 0.0, "high": 1.0}}');
INSERT INTO "trial_params" VALUES(11,3,'c',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["a", "b"]}}');
INSERT INTO "trial_params" VALUES(12,3,'n',1.0,'{"name": "IntUniformDistribution", "attributes": {"low": 1, "high": 9, "step": 1}}');
INSERT INTO "trial_params" VALUES(13,4,'lr',0.00208256188626868,'{"name": "LogUniformDistribution", "attributes": {"low": 0.0001, "high": 0.1}}');
INSERT INTO "trial_params" VALUES(14,4,'u',2.92800335337627615217e-01,'{"name": "UniformDistribution", "attributes": {"low": 0.0, "high": 1.0}}');
INSERT INTO "trial_params" VALUES(15,4,'c',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["a", "b"]}}');
INSERT INTO "trial_params" VALUES(16,4,'n',1.0,'{"name": "IntUniformDistribution", "attributes": {"low": 1, "high": 9, "step": 1}}');
INSERT INTO "trial_params" VALUES(17,5,'lr',4.15476475221300317521e-04,'{"name": "LogUniformDistribution", "attributes": {"low": 0.0001, "high": 0.1}}');
INSERT INTO "trial_params" VALUES(18,5,'u',3.40135736920014308815e-01,'{"name": "UniformDistribution", "attributes": {"low": 0.0, "high": 1.0}}');
INSERT INTO "trial_params" VALUES(19,5,'c',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["a", "b"]}}');
INSERT INTO "trial_params" VALUES(20,5,'n',6.0,'{"name": "IntUniformDistribution", "attributes": {"low": 1, "high": 9, "step": 1}}');
INSERT INTO "trial_params" VALUES(21,6,'x',0.698516746095552,'{"name": "UniformDistribution", "attributes": {"low": 0.0, "high": 1.0}}');
INSERT INTO "trial_params" VALUES(22,7,'x',5.88307293564439337529e-01,'{"name": "UniformDistribution", "attributes": {"low": 0.0, "high": 1.0}}');
CREATE TABLE trial_system_attributes (
	trial_system_attribute_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (trial_system_attribute_id), 
	UNIQUE (trial_id, "key"), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_system_attributes" VALUES(1,6,'nsga2:generation','0');
INSERT INTO "trial_system_attributes" VALUES(2,7,'nsga2:generation','0');
CREATE TABLE trial_user_attributes (
	trial_user_attribute_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (trial_user_attribute_id), 
	UNIQUE (trial_id, "key"), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_user_attributes" VALUES(1,1,'k','1');
INSERT INTO "trial_user_attributes" VALUES(2,2,'k','1');
INSERT INTO "trial_user_attributes" VALUES(3,3,'k','1');
INSERT INTO "trial_user_attributes" VALUES(4,4,'k','1');
INSERT INTO "trial_user_attributes" VALUES(5,5,'k','1');
CREATE TABLE trial_values (
	trial_value_id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	objective INTEGER NOT NULL, 
	value FLOAT NOT NULL, 
	PRIMARY KEY (trial_value_id), 
	UNIQUE (trial_id, objective), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_values" VALUES(1,1,0,1.85471443920279741024e-02);
INSERT INTO "trial_values" VALUES(2,2,0,6.00384994897077816505e-03);
INSERT INTO "trial_values" VALUES(3,3,0,3.02303993969634931388e-03);
INSERT INTO "trial_values" VALUES(4,4,0,0.00208256188626868);
INSERT INTO "trial_values" VALUES(5,5,0,4.15476475221300317521e-04);
INSERT INTO "trial_values" VALUES(6,6,0,0.698516746095552);
INSERT INTO "trial_values" VALUES(7,6,1,1.0);
INSERT INTO "trial_values" VALUES(8,7,0,5.88307293564439337529e-01);
INSERT INTO "trial_values" VALUES(9,7,1,1.0);
CREATE TABLE trials (
	trial_id INTEGER NOT NULL, 
	number INTEGER, 
	study_id INTEGER, 
	state VARCHAR(8) NOT NULL, 
	datetime_start DATETIME, 
	datetime_complete DATETIME, 
	PRIMARY KEY (trial_id), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
INSERT INTO "trials" VALUES(1,0,1,'COMPLETE','2026-11-25 19:07:30.337201','2026-11-25 19:07:30.366453');
INSERT INTO "trials" VALUES(2,1,1,'COMPLETE','2026-11-25 19:07:30.371822','2026-11-25 19:07:30.408253');
INSERT INTO "trials" VALUES(3,2,1,'PRUNED','2026-11-25 19:07:30.434681','2026-11-25 19:07:30.572176');
INSERT INTO "trials" VALUES(4,3,1,'COMPLETE','2026-11-25 19:07:30.594937','2026-11-25 19:07:30.729351');
INSERT INTO "trials" VALUES(5,4,1,'COMPLETE','2026-11-25 19:07:30.733442','2026-11-25 19:07:30.756589');
INSERT INTO "trials" VALUES(6,0,2,'COMPLETE','2026-11-25 19:07:30.777734','2026-11-25 19:07:30.814518');
INSERT INTO "trials" VALUES(7,1,2,'COMPLETE','2026-11-25 19:07:30.820010','2026-11-25 19:07:30.828079');
CREATE TABLE version_info (
	version_info_id INTEGER NOT NULL, 
	schema_version INTEGER, 
	library_version VARCHAR(256), 
	PRIMARY KEY (version_info_id), 
	CHECK (version_info_id=1)
);
INSERT INTO "version_info" VALUES(1,12,'2.10.1');
CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name);
COMMIT;
