BEGIN TRANSACTION;
CREATE TABLE alarm_calendars (
	id INTEGER NOT NULL, 
	org_id INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	hours JSON NOT NULL, 
	holidays JSON NOT NULL, 
	removed_ms INTEGER, 
	CONSTRAINT pk_alarm_calendars PRIMARY KEY (id), 
	CONSTRAINT fk_alarm_calendars_org_id FOREIGN KEY(org_id) REFERENCES organisations (id)
);
CREATE TABLE alarm_chains (
	id INTEGER NOT NULL, 
	org_id INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	steps JSON NOT NULL, 
	removed_ms INTEGER, 
	CONSTRAINT pk_alarm_chains PRIMARY KEY (id), 
	CONSTRAINT fk_alarm_chains_org_id FOREIGN KEY(org_id) REFERENCES organisations (id)
);
CREATE TABLE alarm_contacts (
	person_id INTEGER NOT NULL, 
	email VARCHAR(200) NOT NULL, 
	least_severity INTEGER NOT NULL, 
	quiet_start INTEGER NOT NULL, 
	quiet_end INTEGER NOT NULL, 
	quiet_severity INTEGER NOT NULL, 
	CONSTRAINT pk_alarm_contacts PRIMARY KEY (person_id)
);
CREATE TABLE alarm_events (
	id INTEGER NOT NULL, 
	alarm_id INTEGER NOT NULL, 
	at_ms INTEGER NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	person_id INTEGER, 
	person_name VARCHAR(200) NOT NULL, 
	note VARCHAR(500) NOT NULL, 
	value FLOAT, 
	CONSTRAINT pk_alarm_events PRIMARY KEY (id), 
	CONSTRAINT fk_alarm_events_alarm_id FOREIGN KEY(alarm_id) REFERENCES alarms (id), 
	CONSTRAINT fk_alarm_events_person_id FOREIGN KEY(person_id) REFERENCES people (id)
);
CREATE TABLE alarm_filters (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	"query" VARCHAR(500) NOT NULL, 
	CONSTRAINT pk_alarm_filters PRIMARY KEY (id), 
	CONSTRAINT uq_alarm_filters_person_id_name UNIQUE (person_id, name), 
	CONSTRAINT fk_alarm_filters_person_id FOREIGN KEY(person_id) REFERENCES people (id)
);
CREATE TABLE alarm_tallies (
	org_id INTEGER NOT NULL, 
	zone_id INTEGER NOT NULL, 
	sector VARCHAR(40) NOT NULL, 
	severity INTEGER NOT NULL, 
	state INTEGER NOT NULL, 
	is_held INTEGER NOT NULL, 
	count INTEGER NOT NULL, 
	CONSTRAINT pk_alarm_tallies PRIMARY KEY (org_id, zone_id, sector, severity, state, is_held)
);
CREATE TABLE alarm_webhooks (
	id INTEGER NOT NULL, 
	org_id INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	url VARCHAR(500) NOT NULL, 
	removed_ms INTEGER, 
	CONSTRAINT pk_alarm_webhooks PRIMARY KEY (id), 
	CONSTRAINT fk_alarm_webhooks_org_id FOREIGN KEY(org_id) REFERENCES organisations (id)
);
CREATE TABLE alarms (
	id INTEGER NOT NULL, 
	rule_id INTEGER NOT NULL, 
	rule_version INTEGER NOT NULL, 
	device_id INTEGER NOT NULL, 
	org_id INTEGER NOT NULL, 
	zone_id INTEGER, 
	sector VARCHAR(40) NOT NULL, 
	severity INTEGER NOT NULL, 
	state INTEGER NOT NULL, 
	held VARCHAR(20) NOT NULL, 
	retro BOOLEAN NOT NULL, 
	drill BOOLEAN NOT NULL, 
	started_ms INTEGER NOT NULL, 
	episode_ms INTEGER NOT NULL, 
	raised_ms INTEGER NOT NULL, 
	ended_ms INTEGER, 
	acked_ms INTEGER, 
	acked_by VARCHAR(200) NOT NULL, 
	count INTEGER NOT NULL, 
	value FLOAT, 
	assignee_id INTEGER, 
	incident_id INTEGER, 
	parent_id INTEGER, 
	shelved_until_ms INTEGER, 
	next_step INTEGER NOT NULL, 
	next_ms INTEGER, 
	log_seq INTEGER NOT NULL, 
	CONSTRAINT pk_alarms PRIMARY KEY (id), 
	CONSTRAINT fk_alarms_rule_id FOREIGN KEY(rule_id) REFERENCES rules (id), 
	CONSTRAINT fk_alarms_device_id FOREIGN KEY(device_id) REFERENCES devices (id), 
	CONSTRAINT fk_alarms_org_id FOREIGN KEY(org_id) REFERENCES organisations (id), 
	CONSTRAINT fk_alarms_zone_id FOREIGN KEY(zone_id) REFERENCES zones (id), 
	CONSTRAINT fk_alarms_assignee_id FOREIGN KEY(assignee_id) REFERENCES people (id), 
	CONSTRAINT fk_alarms_incident_id FOREIGN KEY(incident_id) REFERENCES incidents (id), 
	CONSTRAINT fk_alarms_parent_id FOREIGN KEY(parent_id) REFERENCES alarms (id)
);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0007');
CREATE TABLE api_tokens (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	digest BLOB NOT NULL, 
	hint VARCHAR(8) NOT NULL, 
	permissions JSON NOT NULL, 
	org_id INTEGER, 
	zone_id INTEGER, 
	sector VARCHAR(40), 
	created_ms INTEGER NOT NULL, 
	expires_ms INTEGER NOT NULL, 
	last_used_ms INTEGER, 
	last_address VARCHAR(64) NOT NULL, 
	revoked_ms INTEGER, 
	CONSTRAINT pk_api_tokens PRIMARY KEY (id), 
	CONSTRAINT fk_api_tokens_person_id FOREIGN KEY(person_id) REFERENCES people (id), 
	CONSTRAINT uq_api_tokens_digest UNIQUE (digest), 
	CONSTRAINT fk_api_tokens_org_id FOREIGN KEY(org_id) REFERENCES organisations (id), 
	CONSTRAINT fk_api_tokens_zone_id FOREIGN KEY(zone_id) REFERENCES zones (id)
);
CREATE TABLE assignments (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	role VARCHAR(60) NOT NULL, 
	org_id INTEGER NOT NULL, 
	zone_id INTEGER, 
	sector VARCHAR(40), 
	CONSTRAINT pk_assignments PRIMARY KEY (id), 
	CONSTRAINT fk_assignments_person_id FOREIGN KEY(person_id) REFERENCES people (id), 
	CONSTRAINT fk_assignments_role FOREIGN KEY(role) REFERENCES roles (name), 
	CONSTRAINT fk_assignments_org_id FOREIGN KEY(org_id) REFERENCES organisations (id), 
	CONSTRAINT fk_assignments_zone_id FOREIGN KEY(zone_id) REFERENCES zones (id)
);
INSERT INTO "assignments" VALUES(1,1,'system-admin',9,NULL,NULL);
INSERT INTO "assignments" VALUES(2,2,'system-admin',11,NULL,NULL);
CREATE TABLE attempts (
	"key" BLOB NOT NULL, 
	failed INTEGER NOT NULL, 
	last_ms INTEGER NOT NULL, 
	locked_until_ms INTEGER NOT NULL, 
	CONSTRAINT pk_attempts PRIMARY KEY ("key")
);
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at_ms INTEGER NOT NULL, 
	person_id INTEGER, 
	person_name VARCHAR(200) NOT NULL, 
	org_id INTEGER NOT NULL, 
	action VARCHAR(60) NOT NULL, 
	noun VARCHAR(40) NOT NULL, 
	noun_id INTEGER NOT NULL, 
	"before" JSON, 
	"after" JSON, 
	address VARCHAR(64) NOT NULL, digest BLOB, 
	CONSTRAINT pk_audit PRIMARY KEY (id), 
	CONSTRAINT fk_audit_person_id FOREIGN KEY(person_id) REFERENCES people (id), 
	CONSTRAINT fk_audit_org_id FOREIGN KEY(org_id) REFERENCES organisations (id)
);
INSERT INTO "audit" VALUES(1,1795000000000,NULL,'system',1,'organisation.create','organisation',1,NULL,'{"parent_id": null, "kind": "province", "name": "UBND t\u1ec9nh Qu\u1ea3ng Ng\u00e3i", "folded": "ubnd tinh quang ngai", "code": "UBND"}','',X'C1D20976B53BBF2B1BEAAD249BE1E2B21DFA24DD39F9AB119A6C19ABBB9D137A');
INSERT INTO "audit" VALUES(2,1795000000000,NULL,'system',2,'organisation.create','organisation',2,NULL,'{"parent_id": 1, "kind": "department", "name": "S\u1edf Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7", "folded": "so khoa hoc va cong nghe", "code": "SKHCN"}','',X'8D2238A9DF5C84E8AA0B4D509EF5C70D193B790BF9EDA204F7FEFC3DE1F63224');
INSERT INTO "audit" VALUES(3,1795000000000,NULL,'system',3,'organisation.create','organisation',3,NULL,'{"parent_id": 1, "kind": "department", "name": "S\u1edf N\u00f4ng nghi\u1ec7p v\u00e0 M\u00f4i tr\u01b0\u1eddng", "folded": "so nong nghiep va moi truong", "code": "SNNMT"}','',X'EC2A09CBADE5A6D68BEEB293CC31B382E3BDF9A76940A3A299B2311D4BE96B50');
INSERT INTO "audit" VALUES(4,1795000000000,NULL,'system',4,'organisation.create','organisation',4,NULL,'{"parent_id": 1, "kind": "department", "name": "S\u1edf C\u00f4ng Th\u01b0\u01a1ng", "folded": "so cong thuong", "code": "SCT"}','',X'4FE572A73C13524E841A49DCD2FE5161FB241E63D4E227D894EDAEB30E53CC6E');
INSERT INTO "audit" VALUES(5,1795000000000,NULL,'system',5,'organisation.create','organisation',5,NULL,'{"parent_id": 1, "kind": "department", "name": "S\u1edf X\u00e2y d\u1ef1ng", "folded": "so xay dung", "code": "SXD"}','',X'6E815C933B0984EF132252B60A928FACE830A7108259EFE2E23EE6D8E65B9E0A');
INSERT INTO "audit" VALUES(6,1795000000000,NULL,'system',6,'organisation.create','organisation',6,NULL,'{"parent_id": 1, "kind": "department", "name": "S\u1edf N\u1ed9i v\u1ee5", "folded": "so noi vu", "code": "SNV"}','',X'F064C64D14D94965ABDCB4575B9CD8F933BE09E6A0AEA49EF744AC043DE499C1');
INSERT INTO "audit" VALUES(7,1795000000000,NULL,'system',7,'organisation.create','organisation',7,NULL,'{"parent_id": 1, "kind": "department", "name": "C\u00f4ng an t\u1ec9nh", "folded": "cong an tinh", "code": "CAT"}','',X'FC61E6EC2B4A94E1BB13930DD8AFA87DCF05E518485F675F7F71B3DBFFD8DE8A');
INSERT INTO "audit" VALUES(8,1795000000000,NULL,'system',8,'organisation.create','organisation',8,NULL,'{"parent_id": 1, "kind": "zone-authority", "name": "BQL KKT Dung Qu\u1ea5t v\u00e0 c\u00e1c KCN Qu\u1ea3ng Ng\u00e3i", "folded": "bql kkt dung quat va cac kcn quang ngai", "code": "BQL"}','',X'20B9D2C642C2201A80B5CDA844F2C4E79EB9E9B4EB5786338AD9E8FCA6D7E15A');
INSERT INTO "audit" VALUES(9,1795000000000,NULL,'system',9,'organisation.create','organisation',9,NULL,'{"parent_id": 1, "kind": "enterprise", "name": "C\u00f4ng ty \u0110\u1ecf", "folded": "cong ty do", "code": "\u0110\u1ecf"}','',X'E6C14CDD739368AFAA7254C42C70205A107225D985A51A97B6E6318B45569B29');
INSERT INTO "audit" VALUES(10,1795000000000,NULL,'system',10,'organisation.create','organisation',10,NULL,'{"parent_id": 9, "kind": "unit", "name": "X\u01b0\u1edfng \u0110\u1ecf", "folded": "xuong do", "code": "\u0110\u1ecf-1"}','',X'B31A011AF20108D969637E62E2E0B59846ECFF60267FE5DCB00D59137F79EEA1');
INSERT INTO "audit" VALUES(11,1795000000000,NULL,'system',9,'person.create','person',1,NULL,'{"login": "nguoi-\u0111\u1ecf", "name": "Ng\u01b0\u1eddi \u0110\u1ecf", "org_id": 9}','',X'01F6D4AFA89B83C95C55E898A364BF773DFCC506DE3A26DFF2A4B5512D25DEAB');
INSERT INTO "audit" VALUES(12,1795000000000,NULL,'system',9,'assignment.create','assignment',1,NULL,'{"person_id": 1, "role": "system-admin", "org_id": 9, "zone_id": null, "sector": null}','',X'F574835B3299E02A44E282741A8495C89DABF1259638324627A2701CB1567BD0');
INSERT INTO "audit" VALUES(13,1795000000000,NULL,'system',9,'device.create','device',1,NULL,'{"name": "M\u00e1y b\u01a1m \u0110\u1ecf", "code": "\u0110\u1ecf-9", "org_id": 9, "zone_id": null, "sector": "environment", "profile_id": 2, "lon": 108.8, "lat": 15.1, "synthetic": false}','',X'31B0FDC505E05AE53FBCE2DA750FCF26916F5BBBD2E8D3D58FC3AF647C56335E');
INSERT INTO "audit" VALUES(14,1795000000000,NULL,'system',10,'device.create','device',2,NULL,'{"name": "M\u00e1y b\u01a1m \u0110\u1ecf", "code": "\u0110\u1ecf-10", "org_id": 10, "zone_id": null, "sector": "environment", "profile_id": 2, "lon": 108.8, "lat": 15.1, "synthetic": false}','',X'07F8ED022438C4ED41CF0EFBBEFF2ACFD55C2B2DBD6B1D62764259021F5CC52A');
INSERT INTO "audit" VALUES(15,1795000000000,1,'Người Đỏ',9,'job.create','job',1,NULL,'{"kind": "report"}','203.0.113.9',X'62D751DF1D6AD43341A215034E87A0CF1259DD9E8A95925BE5008F05D3D93DB8');
INSERT INTO "audit" VALUES(16,1795000000000,NULL,'system',11,'organisation.create','organisation',11,NULL,'{"parent_id": 1, "kind": "enterprise", "name": "C\u00f4ng ty Xanh", "folded": "cong ty xanh", "code": "Xanh"}','',X'3982DAFAC62033B43DD84A3E64865DB5DCEFC301049ADF1F4115666440880D92');
INSERT INTO "audit" VALUES(17,1795000000000,NULL,'system',12,'organisation.create','organisation',12,NULL,'{"parent_id": 11, "kind": "unit", "name": "X\u01b0\u1edfng Xanh", "folded": "xuong xanh", "code": "Xanh-1"}','',X'B7CEA9D54AFBAE4CF3004A32C630A95E0457C564BD1E86ECCD50CD6393CBED3F');
INSERT INTO "audit" VALUES(18,1795000000000,NULL,'system',11,'person.create','person',2,NULL,'{"login": "nguoi-xanh", "name": "Ng\u01b0\u1eddi Xanh", "org_id": 11}','',X'0B4E425E509B52A0B67C73CB09B2AFB1958BFF7B5188DF7FA20580518FE67F06');
INSERT INTO "audit" VALUES(19,1795000000000,NULL,'system',11,'assignment.create','assignment',2,NULL,'{"person_id": 2, "role": "system-admin", "org_id": 11, "zone_id": null, "sector": null}','',X'BB16B640325ACAB77BBF00F590395618DBDE7EA7C6381283373FC553BB016A39');
INSERT INTO "audit" VALUES(20,1795000000000,NULL,'system',11,'device.create','device',3,NULL,'{"name": "M\u00e1y b\u01a1m Xanh", "code": "Xanh-11", "org_id": 11, "zone_id": null, "sector": "environment", "profile_id": 2, "lon": 108.8, "lat": 15.1, "synthetic": false}','',X'CE36DB65B701598B1AE030E3BCEA9EFA2FDCF797CFC0E21DE1C9D677ED27A5C4');
INSERT INTO "audit" VALUES(21,1795000000000,NULL,'system',12,'device.create','device',4,NULL,'{"name": "M\u00e1y b\u01a1m Xanh", "code": "Xanh-12", "org_id": 12, "zone_id": null, "sector": "environment", "profile_id": 2, "lon": 108.8, "lat": 15.1, "synthetic": false}','',X'2284BFA22C525B8567C57CD7B771C64E44512085D5E91A769B9A0189EDA44E4F');
INSERT INTO "audit" VALUES(22,1795000000000,2,'Người Xanh',11,'job.create','job',2,NULL,'{"kind": "report"}','203.0.113.9',X'38CDBCC05BE9E8B048677FEE55B347515CE4041036EB981D2B73177C88EB1FC9');
CREATE TABLE challenges (
	digest BLOB NOT NULL, 
	person_id INTEGER NOT NULL, 
	expires_ms INTEGER NOT NULL, 
	CONSTRAINT pk_challenges PRIMARY KEY (digest), 
	CONSTRAINT fk_challenges_person_id FOREIGN KEY(person_id) REFERENCES people (id)
);
CREATE TABLE claims (
	device_id INTEGER NOT NULL, 
	digest BLOB NOT NULL, 
	created_ms INTEGER NOT NULL, 
	until_ms INTEGER NOT NULL, 
	CONSTRAINT pk_claims PRIMARY KEY (device_id), 
	CONSTRAINT fk_claims_device_id FOREIGN KEY(device_id) REFERENCES devices (id), 
	CONSTRAINT uq_claims_digest UNIQUE (digest)
);
CREATE TABLE counters (
	name VARCHAR(40) NOT NULL, 
	value INTEGER NOT NULL, 
	CONSTRAINT pk_counters PRIMARY KEY (name)
);
INSERT INTO "counters" VALUES('outbox',20);
INSERT INTO "counters" VALUES('outbox_floor',0);
INSERT INTO "counters" VALUES('device',4);
INSERT INTO "counters" VALUES('credential',4);
INSERT INTO "counters" VALUES('tree',12);
INSERT INTO "counters" VALUES('enrolment',0);
INSERT INTO "counters" VALUES('downlink',0);
INSERT INTO "counters" VALUES('audit',22);
INSERT INTO "counters" VALUES('session',0);
INSERT INTO "counters" VALUES('alarm',0);
INSERT INTO "counters" VALUES('incident',0);
CREATE TABLE counting_rules (
	"key" VARCHAR(40) NOT NULL, 
	name_vi VARCHAR(200) NOT NULL, 
	name_en VARCHAR(200) NOT NULL, 
	text_vi TEXT NOT NULL, 
	text_en TEXT NOT NULL, 
	source VARCHAR(500) NOT NULL, 
	source_mark VARCHAR(8) NOT NULL, 
	document VARCHAR(40) NOT NULL, 
	CONSTRAINT pk_counting_rules PRIMARY KEY ("key")
);
CREATE TABLE credentials (
	id INTEGER NOT NULL, 
	device_id INTEGER NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	digest BLOB NOT NULL, 
	hint VARCHAR(8) NOT NULL, 
	created_ms INTEGER NOT NULL, 
	revoked_ms INTEGER, label VARCHAR(200) DEFAULT '' NOT NULL, certificate BLOB, until_ms INTEGER, enrolment_id INTEGER, 
	CONSTRAINT pk_credentials PRIMARY KEY (id), 
	CONSTRAINT fk_credentials_device_id FOREIGN KEY(device_id) REFERENCES devices (id), 
	CONSTRAINT uq_credentials_digest UNIQUE (digest)
);
INSERT INTO "credentials" VALUES(1,1,'token',X'1238998188D5836F08620836D8C678C3A17DC7252746FAF142ED904440218DAE','xMSe',1795000000000,NULL,'',NULL,NULL,NULL);
INSERT INTO "credentials" VALUES(2,2,'token',X'E83769D0DA4AC2B42F5B2C7F10A7BD8B83274752C72777074D08A714BB40804D','anCn',1795000000000,NULL,'',NULL,NULL,NULL);
INSERT INTO "credentials" VALUES(3,3,'token',X'E5E2C20D4A45E9176D11EE4CC1DD33D05D844F61792778DC51E5430EDDA7B046','FpTl',1795000000000,NULL,'',NULL,NULL,NULL);
INSERT INTO "credentials" VALUES(4,4,'token',X'E65646B41B94BE07B64EC4315DE66C8C969D64948E46C43625DBFC64E9253930','Jbhr',1795000000000,NULL,'',NULL,NULL,NULL);
CREATE TABLE device_parents (
	device_id INTEGER NOT NULL, 
	parent_id INTEGER NOT NULL, 
	CONSTRAINT pk_device_parents PRIMARY KEY (device_id), 
	CONSTRAINT fk_device_parents_parent_id FOREIGN KEY(parent_id) REFERENCES devices (id)
);
CREATE TABLE devices (
	id INTEGER NOT NULL, 
	org_id INTEGER NOT NULL, 
	zone_id INTEGER, 
	sector VARCHAR(40) NOT NULL, 
	profile_id INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	folded TEXT NOT NULL, 
	code VARCHAR(80) NOT NULL, 
	lon FLOAT, 
	lat FLOAT, 
	synthetic BOOLEAN DEFAULT 0 NOT NULL, 
	created_ms INTEGER NOT NULL, 
	removed_ms INTEGER, via_id INTEGER, 
	CONSTRAINT pk_devices PRIMARY KEY (id), 
	CONSTRAINT fk_devices_org_id FOREIGN KEY(org_id) REFERENCES organisations (id), 
	CONSTRAINT fk_devices_zone_id FOREIGN KEY(zone_id) REFERENCES zones (id), 
	CONSTRAINT fk_devices_profile_id FOREIGN KEY(profile_id) REFERENCES profiles (id)
);
INSERT INTO "devices" VALUES(1,9,NULL,'environment',2,'Máy bơm Đỏ','may bom do do-9','Đỏ-9',108.8,15.1,0,1795000000000,NULL,NULL);
INSERT INTO "devices" VALUES(2,10,NULL,'environment',2,'Máy bơm Đỏ','may bom do do-10','Đỏ-10',108.8,15.1,0,1795000000000,NULL,NULL);
INSERT INTO "devices" VALUES(3,11,NULL,'environment',2,'Máy bơm Xanh','may bom xanh xanh-11','Xanh-11',108.8,15.1,0,1795000000000,NULL,NULL);
INSERT INTO "devices" VALUES(4,12,NULL,'environment',2,'Máy bơm Xanh','may bom xanh xanh-12','Xanh-12',108.8,15.1,0,1795000000000,NULL,NULL);
CREATE TABLE document_links (
	id INTEGER NOT NULL, 
	from_id INTEGER NOT NULL, 
	relation VARCHAR(20) NOT NULL, 
	to_id INTEGER NOT NULL, 
	CONSTRAINT pk_document_links PRIMARY KEY (id), 
	CONSTRAINT uq_document_links_from_id_relation_to_id UNIQUE (from_id, relation, to_id), 
	CONSTRAINT fk_document_links_from_id FOREIGN KEY(from_id) REFERENCES documents (id), 
	CONSTRAINT fk_document_links_to_id FOREIGN KEY(to_id) REFERENCES documents (id)
);
CREATE TABLE documents (
	id INTEGER NOT NULL, 
	"key" VARCHAR(40) NOT NULL, 
	role VARCHAR(20) NOT NULL, 
	kind VARCHAR(60) NOT NULL, 
	number VARCHAR(80) NOT NULL, 
	issued_on DATE, 
	issuer VARCHAR(200) NOT NULL, 
	issuer_stated BOOLEAN NOT NULL, 
	subject VARCHAR(1000) NOT NULL, 
	asks JSON NOT NULL, 
	source VARCHAR(500) NOT NULL, 
	mark VARCHAR(8) NOT NULL, 
	note VARCHAR(500) NOT NULL, 
	place INTEGER NOT NULL, 
	folded TEXT NOT NULL, 
	CONSTRAINT pk_documents PRIMARY KEY (id), 
	CONSTRAINT uq_documents_key UNIQUE ("key")
);
CREATE TABLE downlinks (
	id INTEGER NOT NULL, 
	device_id INTEGER NOT NULL, 
	person_id INTEGER, 
	kind VARCHAR(20) NOT NULL, 
	body TEXT NOT NULL, 
	oneway BOOLEAN DEFAULT 0 NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	handed BOOLEAN DEFAULT 0 NOT NULL, 
	created_ms INTEGER NOT NULL, 
	expires_ms INTEGER NOT NULL, 
	delivered_ms INTEGER, 
	done_ms INTEGER, 
	answer TEXT, 
	CONSTRAINT pk_downlinks PRIMARY KEY (id), 
	CONSTRAINT fk_downlinks_device_id FOREIGN KEY(device_id) REFERENCES devices (id), 
	CONSTRAINT fk_downlinks_person_id FOREIGN KEY(person_id) REFERENCES people (id)
);
CREATE TABLE drills (
	id INTEGER NOT NULL, 
	org_id INTEGER NOT NULL, 
	from_ms INTEGER NOT NULL, 
	until_ms INTEGER NOT NULL, 
	reason VARCHAR(500) NOT NULL, 
	person_name VARCHAR(200) NOT NULL, 
	CONSTRAINT pk_drills PRIMARY KEY (id), 
	CONSTRAINT fk_drills_org_id FOREIGN KEY(org_id) REFERENCES organisations (id)
);
CREATE TABLE enrolments (
	id INTEGER NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	org_id INTEGER NOT NULL, 
	zone_id INTEGER, 
	sector VARCHAR(40) NOT NULL, 
	profile_id INTEGER NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	digest BLOB, 
	certificate BLOB, 
	devices_max INTEGER NOT NULL, 
	devices_made INTEGER NOT NULL, 
	until_ms INTEGER, 
	created_ms INTEGER NOT NULL, 
	revoked_ms INTEGER, 
	CONSTRAINT pk_enrolments PRIMARY KEY (id), 
	CONSTRAINT fk_enrolments_org_id FOREIGN KEY(org_id) REFERENCES organisations (id), 
	CONSTRAINT fk_enrolments_zone_id FOREIGN KEY(zone_id) REFERENCES zones (id), 
	CONSTRAINT fk_enrolments_profile_id FOREIGN KEY(profile_id) REFERENCES profiles (id), 
	CONSTRAINT uq_enrolments_key UNIQUE ("key")
);
CREATE TABLE geo_features (
	id INTEGER NOT NULL, 
	layer VARCHAR(20) NOT NULL, 
	code VARCHAR(80) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	kind VARCHAR(60) NOT NULL, 
	geometry TEXT NOT NULL, 
	west FLOAT NOT NULL, 
	south FLOAT NOT NULL, 
	east FLOAT NOT NULL, 
	north FLOAT NOT NULL, 
	area_km2 FLOAT, 
	length_km FLOAT, 
	population BIGINT, 
	properties JSON NOT NULL, 
	source VARCHAR(500) NOT NULL, 
	synthetic BOOLEAN NOT NULL, 
	imported_ms INTEGER NOT NULL, 
	CONSTRAINT pk_geo_features PRIMARY KEY (id)
);
CREATE TABLE grants (
	id INTEGER NOT NULL, 
	device_id INTEGER NOT NULL, 
	metric VARCHAR(128), 
	from_org INTEGER NOT NULL, 
	to_org INTEGER NOT NULL, 
	purpose VARCHAR(500) NOT NULL, 
	until_ms INTEGER NOT NULL, 
	revoked_ms INTEGER, loan_id INTEGER, 
	CONSTRAINT pk_grants PRIMARY KEY (id), 
	CONSTRAINT fk_grants_device_id FOREIGN KEY(device_id) REFERENCES devices (id), 
	CONSTRAINT fk_grants_from_org FOREIGN KEY(from_org) REFERENCES organisations (id), 
	CONSTRAINT fk_grants_to_org FOREIGN KEY(to_org) REFERENCES organisations (id)
);
CREATE TABLE group_members (
	group_id INTEGER NOT NULL, 
	device_id INTEGER NOT NULL, 
	CONSTRAINT pk_group_members PRIMARY KEY (group_id, device_id), 
	CONSTRAINT fk_group_members_group_id FOREIGN KEY(group_id) REFERENCES groups (id), 
	CONSTRAINT fk_group_members_device_id FOREIGN KEY(device_id) REFERENCES devices (id)
);
CREATE TABLE groups (
	id INTEGER NOT NULL, 
	org_id INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	folded TEXT NOT NULL, 
	"query" JSON, 
	created_ms INTEGER NOT NULL, 
	removed_ms INTEGER, 
	CONSTRAINT pk_groups PRIMARY KEY (id), 
	CONSTRAINT fk_groups_org_id FOREIGN KEY(org_id) REFERENCES organisations (id)
);
CREATE TABLE identities (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	issuer VARCHAR(300) NOT NULL, 
	subject VARCHAR(300) NOT NULL, 
	linked_ms INTEGER NOT NULL, 
	CONSTRAINT pk_identities PRIMARY KEY (id), 
	CONSTRAINT uq_identities_issuer_subject UNIQUE (issuer, subject), 
	CONSTRAINT fk_identities_person_id FOREIGN KEY(person_id) REFERENCES people (id)
);
CREATE TABLE incidents (
	id INTEGER NOT NULL, 
	org_id INTEGER NOT NULL, 
	device_id INTEGER NOT NULL, 
	opened_ms INTEGER NOT NULL, 
	last_ms INTEGER NOT NULL, 
	closed_ms INTEGER, 
	CONSTRAINT pk_incidents PRIMARY KEY (id), 
	CONSTRAINT fk_incidents_org_id FOREIGN KEY(org_id) REFERENCES organisations (id), 
	CONSTRAINT fk_incidents_device_id FOREIGN KEY(device_id) REFERENCES devices (id)
);
CREATE TABLE invitations (
	id INTEGER NOT NULL, 
	org_id INTEGER NOT NULL, 
	email VARCHAR(200) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	role VARCHAR(60) NOT NULL, 
	zone_id INTEGER, 
	sector VARCHAR(40), 
	locale VARCHAR(8) NOT NULL, 
	digest BLOB NOT NULL, 
	inviter_id INTEGER, 
	created_ms INTEGER NOT NULL, 
	expires_ms INTEGER NOT NULL, 
	accepted_ms INTEGER, 
	revoked_ms INTEGER, 
	CONSTRAINT pk_invitations PRIMARY KEY (id), 
	CONSTRAINT fk_invitations_org_id FOREIGN KEY(org_id) REFERENCES organisations (id), 
	CONSTRAINT fk_invitations_zone_id FOREIGN KEY(zone_id) REFERENCES zones (id), 
	CONSTRAINT uq_invitations_digest UNIQUE (digest), 
	CONSTRAINT fk_invitations_inviter_id FOREIGN KEY(inviter_id) REFERENCES people (id)
);
CREATE TABLE jobs (
	id INTEGER NOT NULL, 
	org_id INTEGER NOT NULL, 
	person_id INTEGER, 
	kind VARCHAR(60) NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	params JSON NOT NULL, 
	done INTEGER NOT NULL, 
	total INTEGER NOT NULL, 
	note VARCHAR(500) NOT NULL, 
	created_ms INTEGER NOT NULL, 
	finished_ms INTEGER, 
	CONSTRAINT pk_jobs PRIMARY KEY (id), 
	CONSTRAINT fk_jobs_org_id FOREIGN KEY(org_id) REFERENCES organisations (id), 
	CONSTRAINT fk_jobs_person_id FOREIGN KEY(person_id) REFERENCES people (id)
);
INSERT INTO "jobs" VALUES(1,9,1,'report','waiting','{"word": "\u0110\u1ecf"}',0,0,'',1795000000000,NULL);
INSERT INTO "jobs" VALUES(2,11,2,'report','waiting','{"word": "Xanh"}',0,0,'',1795000000000,NULL);
CREATE TABLE loans (
	id INTEGER NOT NULL, 
	from_org INTEGER NOT NULL, 
	to_org INTEGER NOT NULL, 
	group_id INTEGER, 
	metrics JSON, 
	purpose VARCHAR(500) NOT NULL, 
	basis VARCHAR(300) NOT NULL, 
	standing BOOLEAN NOT NULL, 
	created_ms INTEGER NOT NULL, 
	until_ms INTEGER NOT NULL, 
	revoked_ms INTEGER, 
	person_id INTEGER, 
	CONSTRAINT pk_loans PRIMARY KEY (id), 
	CONSTRAINT fk_loans_from_org FOREIGN KEY(from_org) REFERENCES organisations (id), 
	CONSTRAINT fk_loans_to_org FOREIGN KEY(to_org) REFERENCES organisations (id), 
	CONSTRAINT fk_loans_group_id FOREIGN KEY(group_id) REFERENCES groups (id), 
	CONSTRAINT fk_loans_person_id FOREIGN KEY(person_id) REFERENCES people (id)
);
CREATE TABLE mails (
	id INTEGER NOT NULL, 
	"to" VARCHAR(200) NOT NULL, 
	subject VARCHAR(300) NOT NULL, 
	body TEXT NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	tries INTEGER NOT NULL, 
	next_ms INTEGER NOT NULL, 
	created_ms INTEGER NOT NULL, 
	note VARCHAR(300) NOT NULL, 
	CONSTRAINT pk_mails PRIMARY KEY (id)
);
CREATE TABLE maintenance_windows (
	id INTEGER NOT NULL, 
	org_id INTEGER NOT NULL, 
	device_id INTEGER, 
	zone_id INTEGER, 
	from_ms INTEGER NOT NULL, 
	until_ms INTEGER NOT NULL, 
	reason VARCHAR(500) NOT NULL, 
	person_name VARCHAR(200) NOT NULL, 
	CONSTRAINT pk_maintenance_windows PRIMARY KEY (id), 
	CONSTRAINT fk_maintenance_windows_org_id FOREIGN KEY(org_id) REFERENCES organisations (id), 
	CONSTRAINT fk_maintenance_windows_device_id FOREIGN KEY(device_id) REFERENCES devices (id), 
	CONSTRAINT fk_maintenance_windows_zone_id FOREIGN KEY(zone_id) REFERENCES zones (id)
);
CREATE TABLE notices (
	id INTEGER NOT NULL, 
	"key" VARCHAR(80) NOT NULL, 
	org_id INTEGER NOT NULL, 
	alarm_id INTEGER, 
	kind VARCHAR(20) NOT NULL, 
	person_id INTEGER, 
	webhook_id INTEGER, 
	target VARCHAR(500) NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	attempts INTEGER NOT NULL, 
	made_ms INTEGER NOT NULL, 
	next_ms INTEGER NOT NULL, 
	sent_ms INTEGER, 
	reason VARCHAR(500) NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT pk_notices PRIMARY KEY (id), 
	CONSTRAINT uq_notices_key UNIQUE ("key"), 
	CONSTRAINT fk_notices_org_id FOREIGN KEY(org_id) REFERENCES organisations (id), 
	CONSTRAINT fk_notices_alarm_id FOREIGN KEY(alarm_id) REFERENCES alarms (id), 
	CONSTRAINT fk_notices_person_id FOREIGN KEY(person_id) REFERENCES people (id), 
	CONSTRAINT fk_notices_webhook_id FOREIGN KEY(webhook_id) REFERENCES alarm_webhooks (id)
);
CREATE TABLE official_counts (
	id INTEGER NOT NULL, 
	operator_id INTEGER NOT NULL, 
	technology VARCHAR(4) NOT NULL, 
	scope VARCHAR(40) NOT NULL, 
	count INTEGER, 
	as_of DATE NOT NULL, 
	as_of_mark VARCHAR(20) NOT NULL, 
	source VARCHAR(500) NOT NULL, 
	source_mark VARCHAR(8) NOT NULL, 
	document VARCHAR(40) NOT NULL, 
	note VARCHAR(500) NOT NULL, 
	entered_ms INTEGER NOT NULL, 
	person_id INTEGER, 
	person_name VARCHAR(200) NOT NULL, 
	corrects INTEGER, 
	CONSTRAINT pk_official_counts PRIMARY KEY (id), 
	CONSTRAINT fk_official_counts_operator_id FOREIGN KEY(operator_id) REFERENCES operators (id), 
	CONSTRAINT fk_official_counts_person_id FOREIGN KEY(person_id) REFERENCES people (id), 
	CONSTRAINT uq_official_counts_corrects UNIQUE (corrects), 
	CONSTRAINT fk_official_counts_corrects FOREIGN KEY(corrects) REFERENCES official_counts (id)
);
CREATE TABLE operators (
	id INTEGER NOT NULL, 
	code VARCHAR(40) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	place INTEGER NOT NULL, 
	org_id INTEGER, 
	CONSTRAINT pk_operators PRIMARY KEY (id), 
	CONSTRAINT uq_operators_code UNIQUE (code), 
	CONSTRAINT fk_operators_org_id FOREIGN KEY(org_id) REFERENCES organisations (id)
);
CREATE TABLE org_closure (
	ancestor INTEGER NOT NULL, 
	descendant INTEGER NOT NULL, 
	depth INTEGER NOT NULL, 
	CONSTRAINT pk_org_closure PRIMARY KEY (ancestor, descendant), 
	CONSTRAINT fk_org_closure_ancestor FOREIGN KEY(ancestor) REFERENCES organisations (id), 
	CONSTRAINT fk_org_closure_descendant FOREIGN KEY(descendant) REFERENCES organisations (id)
);
INSERT INTO "org_closure" VALUES(1,1,0);
INSERT INTO "org_closure" VALUES(2,2,0);
INSERT INTO "org_closure" VALUES(1,2,1);
INSERT INTO "org_closure" VALUES(3,3,0);
INSERT INTO "org_closure" VALUES(1,3,1);
INSERT INTO "org_closure" VALUES(4,4,0);
INSERT INTO "org_closure" VALUES(1,4,1);
INSERT INTO "org_closure" VALUES(5,5,0);
INSERT INTO "org_closure" VALUES(1,5,1);
INSERT INTO "org_closure" VALUES(6,6,0);
INSERT INTO "org_closure" VALUES(1,6,1);
INSERT INTO "org_closure" VALUES(7,7,0);
INSERT INTO "org_closure" VALUES(1,7,1);
INSERT INTO "org_closure" VALUES(8,8,0);
INSERT INTO "org_closure" VALUES(1,8,1);
INSERT INTO "org_closure" VALUES(9,9,0);
INSERT INTO "org_closure" VALUES(1,9,1);
INSERT INTO "org_closure" VALUES(10,10,0);
INSERT INTO "org_closure" VALUES(1,10,2);
INSERT INTO "org_closure" VALUES(9,10,1);
INSERT INTO "org_closure" VALUES(11,11,0);
INSERT INTO "org_closure" VALUES(1,11,1);
INSERT INTO "org_closure" VALUES(12,12,0);
INSERT INTO "org_closure" VALUES(1,12,2);
INSERT INTO "org_closure" VALUES(11,12,1);
CREATE TABLE organisations (
	id INTEGER NOT NULL, 
	parent_id INTEGER, 
	kind VARCHAR(40) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	folded TEXT NOT NULL, 
	code VARCHAR(40) NOT NULL, 
	CONSTRAINT pk_organisations PRIMARY KEY (id), 
	CONSTRAINT fk_organisations_parent_id FOREIGN KEY(parent_id) REFERENCES organisations (id), 
	CONSTRAINT uq_organisations_code UNIQUE (code)
);
INSERT INTO "organisations" VALUES(1,NULL,'province','UBND tỉnh Quảng Ngãi','ubnd tinh quang ngai','UBND');
INSERT INTO "organisations" VALUES(2,1,'department','Sở Khoa học và Công nghệ','so khoa hoc va cong nghe','SKHCN');
INSERT INTO "organisations" VALUES(3,1,'department','Sở Nông nghiệp và Môi trường','so nong nghiep va moi truong','SNNMT');
INSERT INTO "organisations" VALUES(4,1,'department','Sở Công Thương','so cong thuong','SCT');
INSERT INTO "organisations" VALUES(5,1,'department','Sở Xây dựng','so xay dung','SXD');
INSERT INTO "organisations" VALUES(6,1,'department','Sở Nội vụ','so noi vu','SNV');
INSERT INTO "organisations" VALUES(7,1,'department','Công an tỉnh','cong an tinh','CAT');
INSERT INTO "organisations" VALUES(8,1,'zone-authority','BQL KKT Dung Quất và các KCN Quảng Ngãi','bql kkt dung quat va cac kcn quang ngai','BQL');
INSERT INTO "organisations" VALUES(9,1,'enterprise','Công ty Đỏ','cong ty do','Đỏ');
INSERT INTO "organisations" VALUES(10,9,'unit','Xưởng Đỏ','xuong do','Đỏ-1');
INSERT INTO "organisations" VALUES(11,1,'enterprise','Công ty Xanh','cong ty xanh','Xanh');
INSERT INTO "organisations" VALUES(12,11,'unit','Xưởng Xanh','xuong xanh','Xanh-1');
CREATE TABLE outbox (
	number INTEGER NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	payload TEXT NOT NULL, 
	CONSTRAINT pk_outbox PRIMARY KEY (number)
);
INSERT INTO "outbox" VALUES(1,'org.put','{"kind":"org.put","org":1,"ancestors":[1]}');
INSERT INTO "outbox" VALUES(2,'org.put','{"kind":"org.put","org":2,"ancestors":[2,1]}');
INSERT INTO "outbox" VALUES(3,'org.put','{"kind":"org.put","org":3,"ancestors":[3,1]}');
INSERT INTO "outbox" VALUES(4,'org.put','{"kind":"org.put","org":4,"ancestors":[4,1]}');
INSERT INTO "outbox" VALUES(5,'org.put','{"kind":"org.put","org":5,"ancestors":[5,1]}');
INSERT INTO "outbox" VALUES(6,'org.put','{"kind":"org.put","org":6,"ancestors":[6,1]}');
INSERT INTO "outbox" VALUES(7,'org.put','{"kind":"org.put","org":7,"ancestors":[7,1]}');
INSERT INTO "outbox" VALUES(8,'org.put','{"kind":"org.put","org":8,"ancestors":[8,1]}');
INSERT INTO "outbox" VALUES(9,'org.put','{"kind":"org.put","org":9,"ancestors":[9,1]}');
INSERT INTO "outbox" VALUES(10,'org.put','{"kind":"org.put","org":10,"ancestors":[10,9,1]}');
INSERT INTO "outbox" VALUES(11,'device.put','{"kind":"device.put","device":1,"org":9,"zone":null,"sector":"environment","profile":2}');
INSERT INTO "outbox" VALUES(12,'credential.put','{"kind":"credential.put","digest":"EjiZgYjVg28IYgg22MZ4w6F9xyUnRvrxQu2QREAhja4=","device":1,"org":9,"profile":2}');
INSERT INTO "outbox" VALUES(13,'device.put','{"kind":"device.put","device":2,"org":10,"zone":null,"sector":"environment","profile":2}');
INSERT INTO "outbox" VALUES(14,'credential.put','{"kind":"credential.put","digest":"6Ddp0NpKwrQvWyx/EKe9i4MnR1LHJ3cHTQinFLtAgE0=","device":2,"org":10,"profile":2}');
INSERT INTO "outbox" VALUES(15,'org.put','{"kind":"org.put","org":11,"ancestors":[11,1]}');
INSERT INTO "outbox" VALUES(16,'org.put','{"kind":"org.put","org":12,"ancestors":[12,11,1]}');
INSERT INTO "outbox" VALUES(17,'device.put','{"kind":"device.put","device":3,"org":11,"zone":null,"sector":"environment","profile":2}');
INSERT INTO "outbox" VALUES(18,'credential.put','{"kind":"credential.put","digest":"5eLCDUpF6RdtEe5Mwd0z0F2ET2F5J3jcUeVDDt2nsEY=","device":3,"org":11,"profile":2}');
INSERT INTO "outbox" VALUES(19,'device.put','{"kind":"device.put","device":4,"org":12,"zone":null,"sector":"environment","profile":2}');
INSERT INTO "outbox" VALUES(20,'credential.put','{"kind":"credential.put","digest":"5lZGtBuUvge2TsQxXeZsjJadZJSORsQ2Jdv8ZOklOTA=","device":4,"org":12,"profile":2}');
CREATE TABLE people (
	id INTEGER NOT NULL, 
	org_id INTEGER NOT NULL, 
	login VARCHAR(80) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	folded TEXT NOT NULL, 
	password_hash TEXT NOT NULL, 
	locale VARCHAR(8) NOT NULL, 
	theme VARCHAR(8) NOT NULL, 
	disabled BOOLEAN DEFAULT 0 NOT NULL, email VARCHAR(200), totp BLOB, totp_step INTEGER DEFAULT 0 NOT NULL, erased_ms INTEGER, 
	CONSTRAINT pk_people PRIMARY KEY (id), 
	CONSTRAINT fk_people_org_id FOREIGN KEY(org_id) REFERENCES organisations (id), 
	CONSTRAINT uq_people_login UNIQUE (login)
);
INSERT INTO "people" VALUES(1,9,'nguoi-đỏ','Người Đỏ','nguoi do nguoi-do','$argon2id$v=19$m=65536,t=3,p=4$XRC1s8uHX/y1SxDcl46yzg$orKvEs9K0I+QEnmV08DXIqSavnEjzaKBxUqgLKk0IkY','vi','auto',0,NULL,NULL,0,NULL);
INSERT INTO "people" VALUES(2,11,'nguoi-xanh','Người Xanh','nguoi xanh nguoi-xanh','$argon2id$v=19$m=65536,t=3,p=4$ZJACx3we/wSs0/zPLzZXPw$EqE1MaZeAleXHJoENrnRSRCpw+dvPDQn4JtOFYqQJLs','vi','auto',0,NULL,NULL,0,NULL);
CREATE TABLE places (
	id INTEGER NOT NULL, 
	code VARCHAR(80) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	owner VARCHAR(200) NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	height_m FLOAT, 
	lon FLOAT NOT NULL, 
	lat FLOAT NOT NULL, 
	synthetic BOOLEAN NOT NULL, 
	CONSTRAINT pk_places PRIMARY KEY (id)
);
CREATE TABLE profiles (
	id INTEGER NOT NULL, 
	"key" VARCHAR(60) NOT NULL, 
	name_vi VARCHAR(200) NOT NULL, 
	name_en VARCHAR(200) NOT NULL, 
	sector VARCHAR(40) NOT NULL, 
	decoder VARCHAR(60) NOT NULL, 
	expected_interval_s INTEGER NOT NULL, 
	metrics JSON NOT NULL, topics JSON DEFAULT '[]' NOT NULL, 
	CONSTRAINT pk_profiles PRIMARY KEY (id), 
	CONSTRAINT uq_profiles_key UNIQUE ("key")
);
INSERT INTO "profiles" VALUES(1,'wastewater-station','Trạm quan trắc nước thải','Wastewater monitoring station','environment','json',300,'[{"key": "pH", "name_vi": "\u0110\u1ed9 pH", "name_en": "pH", "unit": "[pH]"}, {"key": "Temp", "name_vi": "Nhi\u1ec7t \u0111\u1ed9 n\u01b0\u1edbc", "name_en": "Water temperature", "unit": "Cel"}, {"key": "COD", "name_vi": "Nhu c\u1ea7u oxy h\u00f3a h\u1ecdc", "name_en": "Chemical oxygen demand", "unit": "mg/L"}, {"key": "TSS", "name_vi": "T\u1ed5ng ch\u1ea5t r\u1eafn l\u01a1 l\u1eedng", "name_en": "Total suspended solids", "unit": "mg/L"}, {"key": "NH4", "name_vi": "Amoni", "name_en": "Ammonium", "unit": "mg/L"}, {"key": "Flow", "name_vi": "L\u01b0u l\u01b0\u1ee3ng", "name_en": "Flow", "unit": "m3/h"}]','[]');
INSERT INTO "profiles" VALUES(2,'soil-station','Trạm đất và khí hậu đồng ruộng','Soil and field weather station','agriculture','json',600,'[{"key": "soil_moisture", "name_vi": "\u0110\u1ed9 \u1ea9m \u0111\u1ea5t", "name_en": "Soil moisture", "unit": "%"}, {"key": "soil_temperature", "name_vi": "Nhi\u1ec7t \u0111\u1ed9 \u0111\u1ea5t", "name_en": "Soil temperature", "unit": "Cel"}, {"key": "air_temperature", "name_vi": "Nhi\u1ec7t \u0111\u1ed9 kh\u00f4ng kh\u00ed", "name_en": "Air temperature", "unit": "Cel"}, {"key": "air_humidity", "name_vi": "\u0110\u1ed9 \u1ea9m kh\u00f4ng kh\u00ed", "name_en": "Air humidity", "unit": "%"}, {"key": "rain", "name_vi": "L\u01b0\u1ee3ng m\u01b0a", "name_en": "Rain", "unit": "mm"}, {"key": "battery", "name_vi": "\u0110i\u1ec7n \u00e1p pin", "name_en": "Battery voltage", "unit": "V"}]','[]');
INSERT INTO "profiles" VALUES(3,'traffic-counter','Bộ đếm giao thông','Traffic counter','traffic','json',60,'[{"key": "vehicles", "name_vi": "L\u01b0u l\u01b0\u1ee3ng xe", "name_en": "Traffic flow", "unit": "/h"}, {"key": "speed", "name_vi": "T\u1ed1c \u0111\u1ed9 trung b\u00ecnh", "name_en": "Mean speed", "unit": "km/h"}, {"key": "occupancy", "name_vi": "\u0110\u1ed9 chi\u1ebfm d\u1ee5ng l\u00e0n", "name_en": "Lane occupancy", "unit": "%"}]','[]');
INSERT INTO "profiles" VALUES(4,'power-meter','Công tơ điện tử','Power meter','energy','json',60,'[{"key": "energy", "name_vi": "\u0110i\u1ec7n n\u0103ng ti\u00eau th\u1ee5", "name_en": "Energy", "unit": "kW.h"}, {"key": "power", "name_vi": "C\u00f4ng su\u1ea5t", "name_en": "Power", "unit": "kW"}, {"key": "voltage", "name_vi": "\u0110i\u1ec7n \u00e1p", "name_en": "Voltage", "unit": "V"}, {"key": "current", "name_vi": "D\u00f2ng \u0111i\u1ec7n", "name_en": "Current", "unit": "A"}, {"key": "power_factor", "name_vi": "H\u1ec7 s\u1ed1 c\u00f4ng su\u1ea5t", "name_en": "Power factor", "unit": "1"}]','[]');
INSERT INTO "profiles" VALUES(5,'gas-detector','Thiết bị đo khí độc và nhiệt','Toxic gas and heat detector','safety','json',30,'[{"key": "CO", "name_vi": "Cacbon monoxit", "name_en": "Carbon monoxide", "unit": "[ppm]"}, {"key": "H2S", "name_vi": "Hydro sunfua", "name_en": "Hydrogen sulphide", "unit": "[ppm]"}, {"key": "O2", "name_vi": "Oxy", "name_en": "Oxygen", "unit": "%"}, {"key": "WBGT", "name_vi": "Ch\u1ec9 s\u1ed1 nhi\u1ec7t WBGT", "name_en": "WBGT heat index", "unit": "Cel"}, {"key": "battery", "name_vi": "\u0110i\u1ec7n \u00e1p pin", "name_en": "Battery voltage", "unit": "V"}]','[]');
CREATE TABLE providers (
	id INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	folded TEXT NOT NULL, 
	offers JSON NOT NULL, 
	"references" JSON NOT NULL, 
	contact VARCHAR(300) NOT NULL, 
	source VARCHAR(500) NOT NULL, 
	removed_ms INTEGER, 
	CONSTRAINT pk_providers PRIMARY KEY (id)
);
CREATE TABLE recommendations (
	id INTEGER NOT NULL, 
	code VARCHAR(40) NOT NULL, 
	text VARCHAR(2000) NOT NULL, 
	to_whom VARCHAR(300) NOT NULL, 
	kinds JSON NOT NULL, 
	made_on DATE NOT NULL, 
	letter VARCHAR(40) NOT NULL, 
	answer VARCHAR(2000) NOT NULL, 
	answered_on DATE, 
	declined BOOLEAN NOT NULL, 
	existing JSON NOT NULL, 
	existing_mark VARCHAR(8) NOT NULL, 
	CONSTRAINT pk_recommendations PRIMARY KEY (id), 
	CONSTRAINT uq_recommendations_code UNIQUE (code)
);
CREATE TABLE recovery_codes (
	digest BLOB NOT NULL, 
	person_id INTEGER NOT NULL, 
	used_ms INTEGER, 
	CONSTRAINT pk_recovery_codes PRIMARY KEY (digest), 
	CONSTRAINT fk_recovery_codes_person_id FOREIGN KEY(person_id) REFERENCES people (id)
);
CREATE TABLE report_texts (
	id INTEGER NOT NULL, 
	letter VARCHAR(60) NOT NULL, 
	block VARCHAR(60) NOT NULL, 
	text TEXT NOT NULL, 
	at_ms INTEGER NOT NULL, 
	person_id INTEGER, 
	person_name VARCHAR(200) NOT NULL, 
	CONSTRAINT pk_report_texts PRIMARY KEY (id), 
	CONSTRAINT fk_report_texts_person_id FOREIGN KEY(person_id) REFERENCES people (id)
);
CREATE TABLE report_versions (
	id INTEGER NOT NULL, 
	letter VARCHAR(60) NOT NULL, 
	as_of DATE NOT NULL, 
	since DATE, 
	made_ms INTEGER NOT NULL, 
	person_id INTEGER, 
	person_name VARCHAR(200) NOT NULL, 
	content JSON NOT NULL, 
	findings JSON NOT NULL, 
	files JSON NOT NULL, 
	CONSTRAINT pk_report_versions PRIMARY KEY (id), 
	CONSTRAINT fk_report_versions_person_id FOREIGN KEY(person_id) REFERENCES people (id)
);
CREATE TABLE roles (
	name VARCHAR(60) NOT NULL, 
	title_vi VARCHAR(200) NOT NULL, 
	title_en VARCHAR(200) NOT NULL, 
	permissions JSON NOT NULL, 
	CONSTRAINT pk_roles PRIMARY KEY (name)
);
INSERT INTO "roles" VALUES('system-admin','Quản trị hệ thống','System administrator','["audit.read", "device.credential", "device.read", "device.write", "grant.write", "job.read", "job.write", "ops.read", "org.read", "org.write", "person.read", "person.write", "zone.read", "inventory.read", "inventory.write", "directive.read", "directive.write", "report.read", "report.write", "alarm.read", "rule.read", "alarm.write", "rule.write"]');
INSERT INTO "roles" VALUES('ict-officer','Chuyên viên Bưu chính, Viễn thông và CĐS (Sở KH&CN)','Post, telecom and digital officer','["device.read", "zone.read", "org.read", "device.write", "device.credential", "grant.write", "org.write", "person.read", "person.write", "audit.read", "job.read", "job.write", "ops.read", "inventory.read", "inventory.write", "directive.read", "directive.write", "report.read", "report.write", "alarm.read", "rule.read", "alarm.write", "rule.write"]');
INSERT INTO "roles" VALUES('department-leader','Lãnh đạo Sở','Department leader','["device.read", "zone.read", "org.read", "person.read", "audit.read", "job.read", "inventory.read", "directive.read", "report.read", "alarm.read", "rule.read"]');
INSERT INTO "roles" VALUES('province-viewer','UBND tỉnh','Provincial people''s committee','["device.read", "zone.read", "org.read", "inventory.read", "directive.read", "report.read", "alarm.read", "rule.read"]');
INSERT INTO "roles" VALUES('zone-authority','Ban quản lý KKT và các KCN','Zone authority','["device.read", "zone.read", "org.read", "device.write", "device.credential", "grant.write", "person.read", "audit.read", "job.read", "job.write", "inventory.read", "directive.read", "alarm.read", "rule.read", "alarm.write", "rule.write"]');
INSERT INTO "roles" VALUES('environment-officer','Chuyên viên Sở NN&MT','Environment and agriculture officer','["device.read", "zone.read", "org.read", "device.write", "device.credential", "grant.write", "job.read", "job.write", "inventory.read", "directive.read", "alarm.read", "rule.read", "alarm.write", "rule.write"]');
INSERT INTO "roles" VALUES('industry-officer','Chuyên viên Sở Công Thương','Industry and energy officer','["device.read", "zone.read", "org.read", "device.write", "device.credential", "grant.write", "job.read", "job.write", "inventory.read", "directive.read", "alarm.read", "rule.read", "alarm.write"]');
INSERT INTO "roles" VALUES('traffic-officer','Chuyên viên Sở Xây dựng','Traffic officer','["device.read", "zone.read", "org.read", "device.write", "device.credential", "grant.write", "job.read", "job.write", "inventory.read", "directive.read", "alarm.read", "rule.read", "alarm.write", "rule.write"]');
INSERT INTO "roles" VALUES('security-officer','Công an tỉnh','Provincial police officer','["device.read", "zone.read", "org.read", "audit.read", "inventory.read", "directive.read", "alarm.read", "rule.read", "alarm.write"]');
INSERT INTO "roles" VALUES('labour-officer','Chuyên viên Sở Nội vụ','Labour officer','["device.read", "zone.read", "org.read", "inventory.read", "directive.read", "alarm.read", "rule.read", "alarm.write", "rule.write"]');
INSERT INTO "roles" VALUES('commune-officer','UBND xã, phường, đặc khu','Commune officer','["device.read", "zone.read", "org.read", "inventory.read", "directive.read", "alarm.read"]');
INSERT INTO "roles" VALUES('operator-planner','Doanh nghiệp viễn thông','Telecom operator''s planner','["device.read", "zone.read", "org.read", "job.read", "job.write", "inventory.read", "inventory.write", "directive.read"]');
INSERT INTO "roles" VALUES('park-developer','Chủ đầu tư hạ tầng khu công nghiệp','Park developer','["device.read", "zone.read", "org.read", "device.write", "device.credential", "grant.write", "job.read", "inventory.read", "alarm.read", "rule.read", "alarm.write"]');
INSERT INTO "roles" VALUES('enterprise','Doanh nghiệp','Enterprise','["device.read", "zone.read", "org.read", "device.write", "device.credential", "grant.write", "person.read", "person.write", "audit.read", "job.read", "job.write", "alarm.read", "rule.read", "alarm.write", "rule.write"]');
INSERT INTO "roles" VALUES('cooperative','Hợp tác xã','Cooperative','["device.read", "zone.read", "org.read", "device.write", "device.credential", "grant.write", "person.read", "job.read", "job.write", "person.write", "audit.read", "alarm.read", "rule.read", "alarm.write", "rule.write"]');
INSERT INTO "roles" VALUES('telecom-authority','Cục Viễn thông','Telecom authority','["zone.read", "org.read", "inventory.read", "directive.read"]');
INSERT INTO "roles" VALUES('auditor','Kiểm toán nhật ký','Auditor','["audit.read", "org.read", "person.read"]');
INSERT INTO "roles" VALUES('public-viewer','Người xem công khai','Public viewer','["zone.read"]');
CREATE TABLE rule_progress (
	name VARCHAR(40) NOT NULL, 
	epoch INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	CONSTRAINT pk_rule_progress PRIMARY KEY (name)
);
CREATE TABLE rule_versions (
	id INTEGER NOT NULL, 
	rule_id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	severity INTEGER NOT NULL, 
	content JSON NOT NULL, 
	at_ms INTEGER NOT NULL, 
	person_id INTEGER, 
	person_name VARCHAR(200) NOT NULL, 
	CONSTRAINT pk_rule_versions PRIMARY KEY (id), 
	CONSTRAINT uq_rule_versions_rule_id_version UNIQUE (rule_id, version), 
	CONSTRAINT fk_rule_versions_rule_id FOREIGN KEY(rule_id) REFERENCES rules (id), 
	CONSTRAINT fk_rule_versions_person_id FOREIGN KEY(person_id) REFERENCES people (id)
);
CREATE TABLE rules (
	id INTEGER NOT NULL, 
	org_id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	severity INTEGER NOT NULL, 
	content JSON NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	chain_id INTEGER, 
	changed_ms INTEGER NOT NULL, 
	removed_ms INTEGER, 
	CONSTRAINT pk_rules PRIMARY KEY (id), 
	CONSTRAINT fk_rules_org_id FOREIGN KEY(org_id) REFERENCES organisations (id), 
	CONSTRAINT fk_rules_chain_id FOREIGN KEY(chain_id) REFERENCES alarm_chains (id)
);
CREATE TABLE sessions (
	digest BLOB NOT NULL, 
	number INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	csrf VARCHAR(64) NOT NULL, 
	address VARCHAR(64) NOT NULL, 
	agent VARCHAR(200) NOT NULL, 
	created_ms INTEGER NOT NULL, 
	expires_ms INTEGER NOT NULL, 
	last_seen_ms INTEGER NOT NULL, 
	CONSTRAINT pk_sessions PRIMARY KEY (digest), 
	CONSTRAINT uq_sessions_number UNIQUE (number), 
	CONSTRAINT fk_sessions_person_id FOREIGN KEY(person_id) REFERENCES people (id)
);
CREATE TABLE shared_attributes (
	device_id INTEGER NOT NULL, 
	name VARCHAR(128) NOT NULL, 
	value TEXT NOT NULL, 
	changed_ms INTEGER NOT NULL, 
	CONSTRAINT pk_shared_attributes PRIMARY KEY (device_id, name), 
	CONSTRAINT fk_shared_attributes_device_id FOREIGN KEY(device_id) REFERENCES devices (id)
);
CREATE TABLE station_changes (
	id INTEGER NOT NULL, 
	station_id INTEGER NOT NULL, 
	import_id INTEGER, 
	at_ms INTEGER NOT NULL, 
	person_id INTEGER, 
	person_name VARCHAR(200) NOT NULL, 
	"before" JSON, 
	"after" JSON, 
	CONSTRAINT pk_station_changes PRIMARY KEY (id), 
	CONSTRAINT fk_station_changes_station_id FOREIGN KEY(station_id) REFERENCES stations (id), 
	CONSTRAINT fk_station_changes_import_id FOREIGN KEY(import_id) REFERENCES station_imports (id), 
	CONSTRAINT fk_station_changes_person_id FOREIGN KEY(person_id) REFERENCES people (id)
);
CREATE TABLE station_imports (
	id INTEGER NOT NULL, 
	org_id INTEGER NOT NULL, 
	person_id INTEGER, 
	person_name VARCHAR(200) NOT NULL, 
	state VARCHAR(12) NOT NULL, 
	file_name VARCHAR(200) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	"plan" JSON NOT NULL, 
	result JSON, 
	job_id INTEGER, 
	created_ms INTEGER NOT NULL, 
	finished_ms INTEGER, 
	CONSTRAINT pk_station_imports PRIMARY KEY (id), 
	CONSTRAINT fk_station_imports_org_id FOREIGN KEY(org_id) REFERENCES organisations (id), 
	CONSTRAINT fk_station_imports_person_id FOREIGN KEY(person_id) REFERENCES people (id), 
	CONSTRAINT fk_station_imports_job_id FOREIGN KEY(job_id) REFERENCES jobs (id)
);
CREATE TABLE station_sectors (
	id INTEGER NOT NULL, 
	station_id INTEGER NOT NULL, 
	code VARCHAR(40) NOT NULL, 
	azimuth_deg FLOAT, 
	tilt_deg FLOAT, 
	height_m FLOAT, 
	eirp_dbm FLOAT, 
	antenna VARCHAR(120) NOT NULL, 
	carrier_mhz FLOAT, 
	bandwidth_mhz FLOAT, 
	CONSTRAINT pk_station_sectors PRIMARY KEY (id), 
	CONSTRAINT fk_station_sectors_station_id FOREIGN KEY(station_id) REFERENCES stations (id)
);
CREATE TABLE station_states (
	station_id INTEGER NOT NULL, 
	since DATE NOT NULL, 
	state VARCHAR(12) NOT NULL, 
	CONSTRAINT fk_station_states_station_id FOREIGN KEY(station_id) REFERENCES stations (id)
);
CREATE TABLE station_zones (
	zone_id INTEGER NOT NULL, 
	station_id INTEGER NOT NULL, 
	CONSTRAINT pk_station_zones PRIMARY KEY (zone_id, station_id), 
	CONSTRAINT fk_station_zones_zone_id FOREIGN KEY(zone_id) REFERENCES zones (id), 
	CONSTRAINT fk_station_zones_station_id FOREIGN KEY(station_id) REFERENCES stations (id)
);
CREATE TABLE stations (
	id INTEGER NOT NULL, 
	operator_id INTEGER NOT NULL, 
	technology VARCHAR(4) NOT NULL, 
	code VARCHAR(80) NOT NULL, 
	place_id INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	folded TEXT NOT NULL, 
	state VARCHAR(12) NOT NULL, 
	state_since DATE NOT NULL, 
	band VARCHAR(40) NOT NULL, 
	indoor BOOLEAN NOT NULL, 
	antennas VARCHAR(12) NOT NULL, 
	accepted_on DATE, 
	lon FLOAT NOT NULL, 
	lat FLOAT NOT NULL, 
	commune VARCHAR(12) NOT NULL, 
	commune_given VARCHAR(12) NOT NULL, 
	address VARCHAR(300) NOT NULL, 
	address_before VARCHAR(300) NOT NULL, 
	mast_code VARCHAR(80) NOT NULL, 
	mast_name VARCHAR(200) NOT NULL, 
	mast_owner VARCHAR(200) NOT NULL, 
	mast_kind VARCHAR(40) NOT NULL, 
	mast_height_m FLOAT, 
	note VARCHAR(500) NOT NULL, 
	synthetic BOOLEAN NOT NULL, 
	removed_ms INTEGER, 
	CONSTRAINT pk_stations PRIMARY KEY (id), 
	CONSTRAINT fk_stations_operator_id FOREIGN KEY(operator_id) REFERENCES operators (id), 
	CONSTRAINT fk_stations_place_id FOREIGN KEY(place_id) REFERENCES places (id)
);
CREATE TABLE survey_events (
	id INTEGER NOT NULL, 
	reply_id INTEGER NOT NULL, 
	action VARCHAR(12) NOT NULL, 
	at_ms INTEGER NOT NULL, 
	person_id INTEGER, 
	person_name VARCHAR(200) NOT NULL, 
	note VARCHAR(1000) NOT NULL, 
	answers JSON, 
	CONSTRAINT pk_survey_events PRIMARY KEY (id), 
	CONSTRAINT fk_survey_events_reply_id FOREIGN KEY(reply_id) REFERENCES survey_replies (id), 
	CONSTRAINT fk_survey_events_person_id FOREIGN KEY(person_id) REFERENCES people (id)
);
CREATE TABLE survey_replies (
	id INTEGER NOT NULL, 
	round_id INTEGER NOT NULL, 
	operator_id INTEGER, 
	zone_id INTEGER, 
	state VARCHAR(12) NOT NULL, 
	answers JSON NOT NULL, 
	note VARCHAR(1000) NOT NULL, 
	submitted_ms INTEGER, 
	submitted_by VARCHAR(200) NOT NULL, 
	decided_ms INTEGER, 
	decided_by VARCHAR(200) NOT NULL, 
	reminded_ms INTEGER, 
	CONSTRAINT pk_survey_replies PRIMARY KEY (id), 
	CONSTRAINT fk_survey_replies_round_id FOREIGN KEY(round_id) REFERENCES survey_rounds (id), 
	CONSTRAINT fk_survey_replies_operator_id FOREIGN KEY(operator_id) REFERENCES operators (id), 
	CONSTRAINT fk_survey_replies_zone_id FOREIGN KEY(zone_id) REFERENCES zones (id)
);
CREATE TABLE survey_rounds (
	id INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	purpose VARCHAR(1000) NOT NULL, 
	as_of DATE NOT NULL, 
	due_on DATE NOT NULL, 
	counting_rule VARCHAR(40) NOT NULL, 
	state VARCHAR(12) NOT NULL, 
	opened_ms INTEGER NOT NULL, 
	closed_ms INTEGER, 
	person_id INTEGER, 
	person_name VARCHAR(200) NOT NULL, 
	CONSTRAINT pk_survey_rounds PRIMARY KEY (id), 
	CONSTRAINT fk_survey_rounds_person_id FOREIGN KEY(person_id) REFERENCES people (id)
);
CREATE TABLE targets (
	id INTEGER NOT NULL, 
	"key" VARCHAR(60) NOT NULL, 
	name_vi VARCHAR(300) NOT NULL, 
	name_en VARCHAR(300) NOT NULL, 
	indicator VARCHAR(40) NOT NULL, 
	scope VARCHAR(40) NOT NULL, 
	unit VARCHAR(20) NOT NULL, 
	value VARCHAR(20) NOT NULL, 
	base_rule VARCHAR(20) NOT NULL, 
	base_date DATE, 
	base_value INTEGER, 
	base_stated BOOLEAN NOT NULL, 
	base_note VARCHAR(500) NOT NULL, 
	deadline DATE NOT NULL, 
	source VARCHAR(500) NOT NULL, 
	source_mark VARCHAR(8) NOT NULL, 
	document VARCHAR(40) NOT NULL, 
	quote VARCHAR(1000) NOT NULL, 
	counting_rule VARCHAR(40) NOT NULL, 
	note VARCHAR(500) NOT NULL, 
	retired_ms INTEGER, 
	CONSTRAINT pk_targets PRIMARY KEY (id), 
	CONSTRAINT uq_targets_key UNIQUE ("key")
);
CREATE TABLE task_events (
	id INTEGER NOT NULL, 
	task_id INTEGER NOT NULL, 
	"on" DATE NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	note VARCHAR(500) NOT NULL, 
	entered_ms INTEGER NOT NULL, 
	person_id INTEGER, 
	person_name VARCHAR(200) NOT NULL, 
	CONSTRAINT pk_task_events PRIMARY KEY (id), 
	CONSTRAINT fk_task_events_task_id FOREIGN KEY(task_id) REFERENCES tasks (id), 
	CONSTRAINT fk_task_events_person_id FOREIGN KEY(person_id) REFERENCES people (id)
);
CREATE TABLE tasks (
	id INTEGER NOT NULL, 
	"key" VARCHAR(40) NOT NULL, 
	document_id INTEGER NOT NULL, 
	step VARCHAR(20) NOT NULL, 
	text VARCHAR(2000) NOT NULL, 
	responsible VARCHAR(300) NOT NULL, 
	partners VARCHAR(500) NOT NULL, 
	deadline DATE, 
	deadline_text VARCHAR(200) NOT NULL, 
	CONSTRAINT pk_tasks PRIMARY KEY (id), 
	CONSTRAINT uq_tasks_key UNIQUE ("key"), 
	CONSTRAINT fk_tasks_document_id FOREIGN KEY(document_id) REFERENCES documents (id)
);
CREATE TABLE tenures (
	id INTEGER NOT NULL, 
	device_id INTEGER NOT NULL, 
	org_id INTEGER NOT NULL, 
	device_name VARCHAR(200) NOT NULL, 
	until_ms INTEGER NOT NULL, 
	CONSTRAINT pk_tenures PRIMARY KEY (id), 
	CONSTRAINT fk_tenures_device_id FOREIGN KEY(device_id) REFERENCES devices (id), 
	CONSTRAINT fk_tenures_org_id FOREIGN KEY(org_id) REFERENCES organisations (id)
);
CREATE TABLE zone_facts (
	zone_id INTEGER NOT NULL, 
	authority_id INTEGER, 
	needs VARCHAR(2000) NOT NULL, 
	state VARCHAR(200) NOT NULL, 
	note VARCHAR(500) NOT NULL, 
	changed_ms INTEGER NOT NULL, 
	person_name VARCHAR(200) NOT NULL, 
	CONSTRAINT pk_zone_facts PRIMARY KEY (zone_id), 
	CONSTRAINT fk_zone_facts_zone_id FOREIGN KEY(zone_id) REFERENCES zones (id), 
	CONSTRAINT fk_zone_facts_authority_id FOREIGN KEY(authority_id) REFERENCES organisations (id)
);
CREATE TABLE zones (
	id INTEGER NOT NULL, 
	code VARCHAR(40) NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	folded TEXT NOT NULL, 
	status VARCHAR(200) NOT NULL, 
	area_ha FLOAT, 
	area_mark VARCHAR(8) NOT NULL, 
	area_source TEXT NOT NULL, 
	lon FLOAT, 
	lat FLOAT, 
	coord_mark VARCHAR(8) NOT NULL, 
	coord_quality TEXT NOT NULL, 
	commune VARCHAR(200) NOT NULL, 
	CONSTRAINT pk_zones PRIMARY KEY (id), 
	CONSTRAINT uq_zones_code UNIQUE (code)
);
INSERT INTO "zones" VALUES(1,'KKT-DQ','KKT','Khu kinh tế Dung Quất','khu kinh te dung quat','hoạt động',45332.0,'M','≈45.000 ha (dungquat.quangngai.gov.vn); 45.332 memory',108.79,15.36,'M','approximate, from memory, ±3 km','Xã Vạn Tường; Xã Bình Sơn; … (chưa đủ, chưa kiểm chứng)');
INSERT INTO "zones" VALUES(2,'KCN-DQD','KCN','KCN phía Đông Dung Quất','kcn phia dong dung quat','hiện có',NULL,'','',108.8,15.38,'M','approximate, from memory, ±3 km','Xã Vạn Tường');
INSERT INTO "zones" VALUES(3,'KCN-DQT','KCN','KCN phía Tây Dung Quất','kcn phia tay dung quat','hiện có',NULL,'','',108.72,15.38,'M','approximate, from memory, ±3 km','Xã Bình Sơn (chưa kiểm chứng)/Xã Vạn Tường (chưa kiểm chứng)');
INSERT INTO "zones" VALUES(4,'KCN-BHBP','KCN','KCN Bình Hòa - Bình Phước','kcn binh hoa - binh phuoc','hiện có',NULL,'','',108.79,15.33,'M','approximate, from memory, ±3 km','Xã Vạn Tường (chưa kiểm chứng)');
INSERT INTO "zones" VALUES(5,'KCN-TP','KCN','KCN Tịnh Phong','kcn tinh phong','hiện có',141.0,'M','memory',108.785,15.205,'M','approximate, from memory, ±2 km','Xã Thọ Phong');
INSERT INTO "zones" VALUES(6,'KCN-VSIP','KCN','VSIP Quảng Ngãi (KCN-đô thị-dịch vụ)','vsip quang ngai (kcn-do thi-dich vu)','hoạt động',660.0,'S','GĐ1 458→660 ha; quy hoạch 1/2000 1.226 ha (talkvietnam 2014)',108.775,15.215,'M','approximate, from memory, ±2 km','Xã Thọ Phong');
INSERT INTO "zones" VALUES(7,'KCN-DQ2','KCN','KCN Dung Quất II','kcn dung quat ii','dự kiến',NULL,'','',108.84,15.34,'M','approximate, from memory, ±4 km','Xã Vạn Tường');
INSERT INTO "zones" VALUES(8,'KCN-BT','KCN','KCN Bình Thanh','kcn binh thanh','dự kiến',NULL,'','',108.83,15.27,'M','approximate, from memory, ±4 km','Xã Đông Sơn (chưa kiểm chứng)');
INSERT INTO "zones" VALUES(9,'KCN-PP','KCN','KCN Phổ Phong','kcn pho phong','hiện có',157.0,'M','memory',108.9,14.85,'M','approximate, from memory, ±3 km','Xã Nguyễn Nghiêm');
INSERT INTO "zones" VALUES(10,'KCN-QP','KCN','KCN Quảng Phú','kcn quang phu','hiện có',92.0,'M','memory',108.775,15.115,'M','approximate, from memory, ±2 km','Phường Nghĩa Lộ');
INSERT INTO "zones" VALUES(11,'KCN-BL','KCN','KCN Bình Long','kcn binh long','dự kiến',NULL,'','',108.755,15.285,'M','approximate, from memory, ±4 km','Xã Bình Sơn (chưa kiểm chứng)');
INSERT INTO "zones" VALUES(12,'KCN-AP','KCN','KCN An Phú','kcn an phu','dự kiến',NULL,'','',108.8625,15.1214,'C','centroid of the commune, not of the zone','Xã An Phú');
INSERT INTO "zones" VALUES(13,'KKT-BY','KKT cửa khẩu','KKT cửa khẩu quốc tế Bờ Y','kkt cua khau quoc te bo y','hoạt động',16000.0,'S','dự thảo điều chỉnh 70.438→16.000 ha (thuonggiaonline)',107.6093,14.7068,'C','centroid of the commune, not of the zone','Xã Bờ Y');
INSERT INTO "zones" VALUES(14,'KCN-BY','KCN','KCN Bờ Y','kcn bo y','hiện có',NULL,'','',107.62,14.7,'M','approximate, from memory, ±4 km','Xã Bờ Y');
INSERT INTO "zones" VALUES(15,'KCN-HB1','KCN','KCN Hòa Bình (GĐ1)','kcn hoa binh (gd1)','lấp đầy 100 %, 37 dự án (2021)',60.0,'S','luxrealty/cafef 2022; kkt-kontum.gov.vn',107.995,14.315,'M','approximate, from memory, ±3 km','Phường Đăk Bla (chưa kiểm chứng)');
INSERT INTO "zones" VALUES(16,'KCN-HB2','KCN','KCN Hòa Bình (GĐ2)','kcn hoa binh (gd2)','quy hoạch',70.0,'S','kkt-kontum.gov.vn CV 433/TTg-CN',107.985,14.4,'M','approximate, from memory, ±4 km','Phường Đăk Cấm (chưa kiểm chứng)');
INSERT INTO "zones" VALUES(17,'KCN-SM','KCN','KCN Sao Mai','kcn sao mai','3 dự án (2021)',150.0,'S','luxrealty/cafef 2022',107.98,14.27,'M','approximate, from memory, ±4 km','Phường Đăk Bla / Xã Ia Chim (chưa kiểm chứng)');
INSERT INTO "zones" VALUES(18,'KCN-DT','KCN','KCN Đăk Tô','kcn dak to','chưa đầu tư hạ tầng (2021)',146.76,'S','luxrealty/cafef 2022',107.83,14.66,'M','approximate, from memory, ±5 km','Xã Đăk Tô (chưa kiểm chứng)');
INSERT INTO "zones" VALUES(19,'CCN-01','CCN','CCN Bình Mỹ','ccn binh my','chọn nhà đầu tư 2025-2030',50.0,'S','quangngaitv.vn via vietnam.vn (spelled ''Binh My'')',NULL,NULL,'','none','');
INSERT INTO "zones" VALUES(20,'CCN-02','CCN','CCN Bình Long','ccn binh long','chọn nhà đầu tư 2025-2030',75.0,'S','quangngaitv.vn via vietnam.vn (spelled ''Binh Long'')',NULL,NULL,'','none','');
INSERT INTO "zones" VALUES(21,'CCN-03','CCN','CCN Tịnh Thọ/Bình Thọ (chưa kiểm chứng)','ccn tinh tho/binh tho (chua kiem chung)','chọn nhà đầu tư 2025-2030',70.0,'S','quangngaitv.vn via vietnam.vn (spelled ''Binh Tho'')',NULL,NULL,'','none','');
INSERT INTO "zones" VALUES(22,'CCN-04','CCN','CCN Tịnh Phong','ccn tinh phong','chọn nhà đầu tư 2025-2030',75.0,'S','quangngaitv.vn via vietnam.vn (spelled ''Tinh Phong'')',NULL,NULL,'','none','');
INSERT INTO "zones" VALUES(23,'CCN-05','CCN','CCN thị trấn Mộ Đức','ccn thi tran mo duc','chọn nhà đầu tư 2025-2030',30.0,'S','quangngaitv.vn via vietnam.vn (spelled ''Mo Duc town'')',NULL,NULL,'','none','');
INSERT INTO "zones" VALUES(24,'CCN-06','CCN','CCN Đồng Xe (chưa kiểm chứng)','ccn dong xe (chua kiem chung)','chọn nhà đầu tư 2025-2030',70.0,'S','quangngaitv.vn via vietnam.vn (spelled ''Dong Xe'')',NULL,NULL,'','none','');
INSERT INTO "zones" VALUES(25,'CCN-07','CCN','CCN Núi Dâu (chưa kiểm chứng)','ccn nui dau (chua kiem chung)','chọn nhà đầu tư 2025-2030',75.0,'S','quangngaitv.vn via vietnam.vn (spelled ''Nui Dau'')',NULL,NULL,'','none','');
INSERT INTO "zones" VALUES(26,'CCN-08','CCN','CCN Ba Dinh','ccn ba dinh','chọn nhà đầu tư 2025-2030',18.0,'S','quangngaitv.vn via vietnam.vn (spelled ''Ba Dinh'')',NULL,NULL,'','none','');
INSERT INTO "zones" VALUES(27,'CCN-09','CCN','CCN Sơn Thủy','ccn son thuy','chọn nhà đầu tư 2025-2030',20.0,'S','quangngaitv.vn via vietnam.vn (spelled ''Son Thuy'')',NULL,NULL,'','none','');
INSERT INTO "zones" VALUES(28,'CCN-10','CCN','CCN Trà Bình','ccn tra binh','chọn nhà đầu tư 2025-2030',10.0,'S','quangngaitv.vn via vietnam.vn (spelled ''Tra Binh'')',NULL,NULL,'','none','');
CREATE INDEX ix_organisations_parent_id ON organisations (parent_id);
CREATE INDEX ix_attempts_last_ms ON attempts (last_ms);
CREATE INDEX ix_org_closure_descendant_ancestor ON org_closure (descendant, ancestor);
CREATE INDEX ix_people_org_id ON people (org_id);
CREATE INDEX ix_devices_place ON devices (org_id, sector, zone_id) WHERE removed_ms IS NULL;
CREATE UNIQUE INDEX uq_devices_code ON devices (org_id, code) WHERE removed_ms IS NULL AND code <> '';
CREATE INDEX ix_devices_folded ON devices (folded, id) WHERE removed_ms IS NULL;
CREATE INDEX ix_assignments_person_id ON assignments (person_id);
CREATE INDEX ix_assignments_org_id ON assignments (org_id);
CREATE INDEX ix_credentials_device_id ON credentials (device_id);
CREATE INDEX ix_grants_to_org_until_ms ON grants (to_org, until_ms);
CREATE INDEX ix_grants_device_id ON grants (device_id);
CREATE INDEX ix_audit_org_id_id ON audit (org_id, id);
CREATE INDEX ix_audit_noun_noun_id ON audit (noun, noun_id);
CREATE INDEX ix_jobs_org_id_id ON jobs (org_id, id);
CREATE INDEX ix_report_texts_letter_block_id ON report_texts (letter, block, id);
CREATE INDEX ix_report_versions_as_of_id ON report_versions (as_of, id);
CREATE INDEX ix_document_links_to_id ON document_links (to_id);
CREATE INDEX ix_tasks_document_id ON tasks (document_id);
CREATE INDEX ix_official_counts_operator_id_technology_as_of ON official_counts (operator_id, technology, as_of);
CREATE INDEX ix_task_events_task_id_on ON task_events (task_id, "on");
CREATE UNIQUE INDEX ix_geo_features_layer_code ON geo_features (layer, code);
CREATE INDEX ix_places_lon_lat ON places (lon, lat);
CREATE INDEX ix_places_code ON places (code);
CREATE INDEX ix_station_imports_org_id_id ON station_imports (org_id, id);
CREATE INDEX ix_stations_commune ON stations (commune);
CREATE INDEX ix_stations_folded_id ON stations (folded, id);
CREATE UNIQUE INDEX ix_stations_operator_id_technology_code ON stations (operator_id, technology, code);
CREATE INDEX ix_stations_lon_lat ON stations (lon, lat);
CREATE INDEX ix_stations_place_id ON stations (place_id);
CREATE INDEX ix_survey_replies_round_id_operator_id_zone_id ON survey_replies (round_id, operator_id, zone_id);
CREATE INDEX ix_station_changes_station_id_id ON station_changes (station_id, id);
CREATE INDEX ix_station_changes_import_id_id ON station_changes (import_id, id);
CREATE UNIQUE INDEX ix_station_sectors_station_id_code ON station_sectors (station_id, code);
CREATE UNIQUE INDEX ix_station_states_station_id_since ON station_states (station_id, since);
CREATE INDEX ix_station_zones_station_id ON station_zones (station_id);
CREATE INDEX ix_survey_events_reply_id_id ON survey_events (reply_id, id);
CREATE INDEX ix_credentials_enrolment_id ON credentials (enrolment_id);
CREATE INDEX ix_credentials_until_ms ON credentials (until_ms) WHERE until_ms IS NOT NULL AND revoked_ms IS NULL;
CREATE INDEX ix_enrolments_org_id ON enrolments (org_id);
CREATE UNIQUE INDEX uq_devices_via ON devices (via_id, name) WHERE via_id IS NOT NULL AND removed_ms IS NULL;
CREATE INDEX ix_downlinks_open ON downlinks (expires_ms) WHERE done_ms IS NULL;
CREATE INDEX ix_downlinks_device_id_id ON downlinks (device_id, id);
CREATE INDEX ix_mails_state_next_ms ON mails (state, next_ms);
CREATE INDEX ix_api_tokens_person_id_id ON api_tokens (person_id, id);
CREATE INDEX ix_challenges_person_id ON challenges (person_id);
CREATE INDEX ix_challenges_expires_ms ON challenges (expires_ms);
CREATE INDEX ix_groups_org_id_folded ON groups (org_id, folded);
CREATE INDEX ix_identities_person_id ON identities (person_id);
CREATE INDEX ix_invitations_org_id_id ON invitations (org_id, id);
CREATE INDEX ix_recovery_codes_person_id ON recovery_codes (person_id);
CREATE INDEX ix_sessions_expires_ms ON sessions (expires_ms);
CREATE INDEX ix_sessions_person_id ON sessions (person_id);
CREATE INDEX ix_tenures_org_id ON tenures (org_id);
CREATE INDEX ix_tenures_device_id ON tenures (device_id);
CREATE INDEX ix_group_members_device_id ON group_members (device_id);
CREATE INDEX ix_loans_group_id ON loans (group_id);
CREATE INDEX ix_loans_to_org_id ON loans (to_org, id);
CREATE INDEX ix_loans_from_org_id ON loans (from_org, id);
CREATE INDEX ix_people_email ON people (email);
CREATE INDEX ix_grants_loan_id ON grants (loan_id);
CREATE INDEX ix_audit_action_id ON audit (action, id);
CREATE TRIGGER audit_no_UPDATE BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_no_DELETE BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE INDEX ix_alarm_calendars_org_id ON alarm_calendars (org_id);
CREATE INDEX ix_alarm_chains_org_id ON alarm_chains (org_id);
CREATE INDEX ix_alarm_webhooks_org_id ON alarm_webhooks (org_id);
CREATE INDEX ix_device_parents_parent_id ON device_parents (parent_id);
CREATE INDEX ix_drills_until_ms ON drills (until_ms);
CREATE INDEX ix_incidents_device_id_last_ms ON incidents (device_id, last_ms);
CREATE INDEX ix_maintenance_windows_until_ms ON maintenance_windows (until_ms);
CREATE INDEX ix_rules_org_id ON rules (org_id);
CREATE INDEX ix_alarms_device_id_state_id ON alarms (device_id, state, id);
CREATE INDEX ix_alarms_rule_id_device_id_state ON alarms (rule_id, device_id, state);
CREATE INDEX ix_alarms_rule_id_state_id ON alarms (rule_id, state, id);
CREATE INDEX ix_alarms_next_ms ON alarms (next_ms);
CREATE INDEX ix_alarms_state_id ON alarms (state, id);
CREATE INDEX ix_alarms_incident_id ON alarms (incident_id);
CREATE INDEX ix_alarms_state_severity_id ON alarms (state, severity, id);
CREATE INDEX ix_alarms_shelved_until_ms ON alarms (shelved_until_ms);
CREATE INDEX ix_alarm_events_alarm_id_id ON alarm_events (alarm_id, id);
CREATE INDEX ix_notices_alarm_id ON notices (alarm_id);
CREATE INDEX ix_notices_org_id_id ON notices (org_id, id);
CREATE INDEX ix_notices_state_next_ms ON notices (state, next_ms);
CREATE INDEX ix_notices_target_made_ms ON notices (target, made_ms);
COMMIT;
