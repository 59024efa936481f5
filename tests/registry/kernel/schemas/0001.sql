BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
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
	address VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_audit PRIMARY KEY (id), 
	CONSTRAINT fk_audit_person_id FOREIGN KEY(person_id) REFERENCES people (id), 
	CONSTRAINT fk_audit_org_id FOREIGN KEY(org_id) REFERENCES organisations (id)
);
INSERT INTO "audit" VALUES(1,1795000000000,NULL,'system',1,'organisation.create','organisation',1,NULL,'{"parent_id": null, "kind": "province", "name": "UBND t\u1ec9nh Qu\u1ea3ng Ng\u00e3i", "folded": "ubnd tinh quang ngai", "code": "UBND"}','');
INSERT INTO "audit" VALUES(2,1795000000000,NULL,'system',2,'organisation.create','organisation',2,NULL,'{"parent_id": 1, "kind": "department", "name": "S\u1edf Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7", "folded": "so khoa hoc va cong nghe", "code": "SKHCN"}','');
INSERT INTO "audit" VALUES(3,1795000000000,NULL,'system',3,'organisation.create','organisation',3,NULL,'{"parent_id": 1, "kind": "department", "name": "S\u1edf N\u00f4ng nghi\u1ec7p v\u00e0 M\u00f4i tr\u01b0\u1eddng", "folded": "so nong nghiep va moi truong", "code": "SNNMT"}','');
INSERT INTO "audit" VALUES(4,1795000000000,NULL,'system',4,'organisation.create','organisation',4,NULL,'{"parent_id": 1, "kind": "department", "name": "S\u1edf C\u00f4ng Th\u01b0\u01a1ng", "folded": "so cong thuong", "code": "SCT"}','');
INSERT INTO "audit" VALUES(5,1795000000000,NULL,'system',5,'organisation.create','organisation',5,NULL,'{"parent_id": 1, "kind": "department", "name": "S\u1edf X\u00e2y d\u1ef1ng", "folded": "so xay dung", "code": "SXD"}','');
INSERT INTO "audit" VALUES(6,1795000000000,NULL,'system',6,'organisation.create','organisation',6,NULL,'{"parent_id": 1, "kind": "department", "name": "S\u1edf N\u1ed9i v\u1ee5", "folded": "so noi vu", "code": "SNV"}','');
INSERT INTO "audit" VALUES(7,1795000000000,NULL,'system',7,'organisation.create','organisation',7,NULL,'{"parent_id": 1, "kind": "department", "name": "C\u00f4ng an t\u1ec9nh", "folded": "cong an tinh", "code": "CAT"}','');
INSERT INTO "audit" VALUES(8,1795000000000,NULL,'system',8,'organisation.create','organisation',8,NULL,'{"parent_id": 1, "kind": "zone-authority", "name": "BQL KKT Dung Qu\u1ea5t v\u00e0 c\u00e1c KCN Qu\u1ea3ng Ng\u00e3i", "folded": "bql kkt dung quat va cac kcn quang ngai", "code": "BQL"}','');
INSERT INTO "audit" VALUES(9,1795000000000,NULL,'system',9,'organisation.create','organisation',9,NULL,'{"parent_id": 1, "kind": "enterprise", "name": "C\u00f4ng ty \u0110\u1ecf", "folded": "cong ty do", "code": "\u0110\u1ecf"}','');
INSERT INTO "audit" VALUES(10,1795000000000,NULL,'system',10,'organisation.create','organisation',10,NULL,'{"parent_id": 9, "kind": "unit", "name": "X\u01b0\u1edfng \u0110\u1ecf", "folded": "xuong do", "code": "\u0110\u1ecf-1"}','');
INSERT INTO "audit" VALUES(11,1795000000000,NULL,'system',9,'person.create','person',1,NULL,'{"login": "nguoi-\u0111\u1ecf", "name": "Ng\u01b0\u1eddi \u0110\u1ecf", "org_id": 9}','');
INSERT INTO "audit" VALUES(12,1795000000000,NULL,'system',9,'assignment.create','assignment',1,NULL,'{"person_id": 1, "role": "system-admin", "org_id": 9, "zone_id": null, "sector": null}','');
INSERT INTO "audit" VALUES(13,1795000000000,NULL,'system',9,'device.create','device',1,NULL,'{"name": "M\u00e1y b\u01a1m \u0110\u1ecf", "code": "\u0110\u1ecf-9", "org_id": 9, "zone_id": null, "sector": "environment", "profile_id": 2, "lon": 108.8, "lat": 15.1, "synthetic": false}','');
INSERT INTO "audit" VALUES(14,1795000000000,NULL,'system',10,'device.create','device',2,NULL,'{"name": "M\u00e1y b\u01a1m \u0110\u1ecf", "code": "\u0110\u1ecf-10", "org_id": 10, "zone_id": null, "sector": "environment", "profile_id": 2, "lon": 108.8, "lat": 15.1, "synthetic": false}','');
INSERT INTO "audit" VALUES(15,1795000000000,1,'Người Đỏ',9,'job.create','job',1,NULL,'{"kind": "report"}','203.0.113.9');
INSERT INTO "audit" VALUES(16,1795000000000,NULL,'system',11,'organisation.create','organisation',11,NULL,'{"parent_id": 1, "kind": "enterprise", "name": "C\u00f4ng ty Xanh", "folded": "cong ty xanh", "code": "Xanh"}','');
INSERT INTO "audit" VALUES(17,1795000000000,NULL,'system',12,'organisation.create','organisation',12,NULL,'{"parent_id": 11, "kind": "unit", "name": "X\u01b0\u1edfng Xanh", "folded": "xuong xanh", "code": "Xanh-1"}','');
INSERT INTO "audit" VALUES(18,1795000000000,NULL,'system',11,'person.create','person',2,NULL,'{"login": "nguoi-xanh", "name": "Ng\u01b0\u1eddi Xanh", "org_id": 11}','');
INSERT INTO "audit" VALUES(19,1795000000000,NULL,'system',11,'assignment.create','assignment',2,NULL,'{"person_id": 2, "role": "system-admin", "org_id": 11, "zone_id": null, "sector": null}','');
INSERT INTO "audit" VALUES(20,1795000000000,NULL,'system',11,'device.create','device',3,NULL,'{"name": "M\u00e1y b\u01a1m Xanh", "code": "Xanh-11", "org_id": 11, "zone_id": null, "sector": "environment", "profile_id": 2, "lon": 108.8, "lat": 15.1, "synthetic": false}','');
INSERT INTO "audit" VALUES(21,1795000000000,NULL,'system',12,'device.create','device',4,NULL,'{"name": "M\u00e1y b\u01a1m Xanh", "code": "Xanh-12", "org_id": 12, "zone_id": null, "sector": "environment", "profile_id": 2, "lon": 108.8, "lat": 15.1, "synthetic": false}','');
INSERT INTO "audit" VALUES(22,1795000000000,2,'Người Xanh',11,'job.create','job',2,NULL,'{"kind": "report"}','203.0.113.9');
INSERT INTO "audit" VALUES(23,1795000000000,NULL,'system',9,'grant.create','grant',1,NULL,'{"device_id": 1, "metric": "pH", "from_org": 9, "to_org": 11, "purpose": "Th\u1eed", "until_ms": 1795086400000}','');
CREATE TABLE counters (
	name VARCHAR(40) NOT NULL, 
	value INTEGER NOT NULL, 
	CONSTRAINT pk_counters PRIMARY KEY (name)
);
INSERT INTO "counters" VALUES('outbox',21);
INSERT INTO "counters" VALUES('outbox_floor',0);
INSERT INTO "counters" VALUES('device',4);
INSERT INTO "counters" VALUES('credential',4);
INSERT INTO "counters" VALUES('tree',12);
CREATE TABLE credentials (
	id INTEGER NOT NULL, 
	device_id INTEGER NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	digest BLOB NOT NULL, 
	hint VARCHAR(8) NOT NULL, 
	created_ms INTEGER NOT NULL, 
	revoked_ms INTEGER, 
	CONSTRAINT pk_credentials PRIMARY KEY (id), 
	CONSTRAINT fk_credentials_device_id FOREIGN KEY(device_id) REFERENCES devices (id), 
	CONSTRAINT uq_credentials_digest UNIQUE (digest)
);
INSERT INTO "credentials" VALUES(1,1,'token',X'A62AFCE4EBAD9C4133B69180C555A9739EDD40C03477DAFF939EC7FF494BE58A','BtTD',1795000000000,NULL);
INSERT INTO "credentials" VALUES(2,2,'token',X'96355451D36BD942FC2DE93B93DF8B7F1E49E514D4DD84D2C03636790036B315','lNgO',1795000000000,NULL);
INSERT INTO "credentials" VALUES(3,3,'token',X'FEB7EDD972997147919C3E965F0CE6A9091784991479B60C4B03095F873615FC','3THz',1795000000000,NULL);
INSERT INTO "credentials" VALUES(4,4,'token',X'4B292BDC9DB327B9C6C67F1BCCE7440405F2C286C2ADD0F7F8A00AFD927BB05D','eSZA',1795000000000,NULL);
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
	removed_ms INTEGER, 
	CONSTRAINT pk_devices PRIMARY KEY (id), 
	CONSTRAINT fk_devices_org_id FOREIGN KEY(org_id) REFERENCES organisations (id), 
	CONSTRAINT fk_devices_zone_id FOREIGN KEY(zone_id) REFERENCES zones (id), 
	CONSTRAINT fk_devices_profile_id FOREIGN KEY(profile_id) REFERENCES profiles (id)
);
INSERT INTO "devices" VALUES(1,9,NULL,'environment',2,'Máy bơm Đỏ','may bom do do-9','Đỏ-9',108.8,15.1,0,1795000000000,NULL);
INSERT INTO "devices" VALUES(2,10,NULL,'environment',2,'Máy bơm Đỏ','may bom do do-10','Đỏ-10',108.8,15.1,0,1795000000000,NULL);
INSERT INTO "devices" VALUES(3,11,NULL,'environment',2,'Máy bơm Xanh','may bom xanh xanh-11','Xanh-11',108.8,15.1,0,1795000000000,NULL);
INSERT INTO "devices" VALUES(4,12,NULL,'environment',2,'Máy bơm Xanh','may bom xanh xanh-12','Xanh-12',108.8,15.1,0,1795000000000,NULL);
CREATE TABLE grants (
	id INTEGER NOT NULL, 
	device_id INTEGER NOT NULL, 
	metric VARCHAR(128), 
	from_org INTEGER NOT NULL, 
	to_org INTEGER NOT NULL, 
	purpose VARCHAR(500) NOT NULL, 
	until_ms INTEGER NOT NULL, 
	revoked_ms INTEGER, 
	CONSTRAINT pk_grants PRIMARY KEY (id), 
	CONSTRAINT fk_grants_device_id FOREIGN KEY(device_id) REFERENCES devices (id), 
	CONSTRAINT fk_grants_from_org FOREIGN KEY(from_org) REFERENCES organisations (id), 
	CONSTRAINT fk_grants_to_org FOREIGN KEY(to_org) REFERENCES organisations (id)
);
INSERT INTO "grants" VALUES(1,1,'pH',9,11,'Thử',1795086400000,NULL);
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
INSERT INTO "outbox" VALUES(12,'credential.put','{"kind":"credential.put","digest":"pir85OutnEEztpGAxVWpc57dQMA0d9r/k57H/0lL5Yo=","device":1,"org":9,"profile":2}');
INSERT INTO "outbox" VALUES(13,'device.put','{"kind":"device.put","device":2,"org":10,"zone":null,"sector":"environment","profile":2}');
INSERT INTO "outbox" VALUES(14,'credential.put','{"kind":"credential.put","digest":"ljVUUdNr2UL8Lek7k9+Lfx5J5RTU3YTSwDY2eQA2sxU=","device":2,"org":10,"profile":2}');
INSERT INTO "outbox" VALUES(15,'org.put','{"kind":"org.put","org":11,"ancestors":[11,1]}');
INSERT INTO "outbox" VALUES(16,'org.put','{"kind":"org.put","org":12,"ancestors":[12,11,1]}');
INSERT INTO "outbox" VALUES(17,'device.put','{"kind":"device.put","device":3,"org":11,"zone":null,"sector":"environment","profile":2}');
INSERT INTO "outbox" VALUES(18,'credential.put','{"kind":"credential.put","digest":"/rft2XKZcUeRnD6WXwzmqQkXhJkUebYMSwMJX4c2Ffw=","device":3,"org":11,"profile":2}');
INSERT INTO "outbox" VALUES(19,'device.put','{"kind":"device.put","device":4,"org":12,"zone":null,"sector":"environment","profile":2}');
INSERT INTO "outbox" VALUES(20,'credential.put','{"kind":"credential.put","digest":"Sykr3J2zJ7nGxn8bzOdEBAXywobCrdD3+KAK/ZJ7sF0=","device":4,"org":12,"profile":2}');
INSERT INTO "outbox" VALUES(21,'grant.put','{"kind":"grant.put","grant":1,"device":1,"metric":"pH","from_org":9,"to_org":11,"until_ms":1795086400000}');
CREATE TABLE people (
	id INTEGER NOT NULL, 
	org_id INTEGER NOT NULL, 
	login VARCHAR(80) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	folded TEXT NOT NULL, 
	password_hash TEXT NOT NULL, 
	locale VARCHAR(8) NOT NULL, 
	theme VARCHAR(8) NOT NULL, 
	disabled BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_people PRIMARY KEY (id), 
	CONSTRAINT fk_people_org_id FOREIGN KEY(org_id) REFERENCES organisations (id), 
	CONSTRAINT uq_people_login UNIQUE (login)
);
INSERT INTO "people" VALUES(1,9,'nguoi-đỏ','Người Đỏ','nguoi do nguoi-do','$argon2id$v=19$m=65536,t=3,p=4$jwrzAUAXt881Zm+gKumsZA$tsPpYwJ9mpKdTzHv/ExLgdkbXjB/lW6239nbhydveF8','vi','auto',0);
INSERT INTO "people" VALUES(2,11,'nguoi-xanh','Người Xanh','nguoi xanh nguoi-xanh','$argon2id$v=19$m=65536,t=3,p=4$K/BFCQ4nrI7FMQivjJsbpg$EpwSKyMLb6c/Js+v3lwIGIFbS6V++glN9amtks8C5/A','vi','auto',0);
CREATE TABLE profiles (
	id INTEGER NOT NULL, 
	"key" VARCHAR(60) NOT NULL, 
	name_vi VARCHAR(200) NOT NULL, 
	name_en VARCHAR(200) NOT NULL, 
	sector VARCHAR(40) NOT NULL, 
	decoder VARCHAR(60) NOT NULL, 
	expected_interval_s INTEGER NOT NULL, 
	metrics JSON NOT NULL, 
	CONSTRAINT pk_profiles PRIMARY KEY (id), 
	CONSTRAINT uq_profiles_key UNIQUE ("key")
);
INSERT INTO "profiles" VALUES(1,'wastewater-station','Trạm quan trắc nước thải','Wastewater monitoring station','environment','json',300,'[{"key": "pH", "name_vi": "\u0110\u1ed9 pH", "name_en": "pH", "unit": "[pH]"}, {"key": "Temp", "name_vi": "Nhi\u1ec7t \u0111\u1ed9 n\u01b0\u1edbc", "name_en": "Water temperature", "unit": "Cel"}, {"key": "COD", "name_vi": "Nhu c\u1ea7u oxy h\u00f3a h\u1ecdc", "name_en": "Chemical oxygen demand", "unit": "mg/L"}, {"key": "TSS", "name_vi": "T\u1ed5ng ch\u1ea5t r\u1eafn l\u01a1 l\u1eedng", "name_en": "Total suspended solids", "unit": "mg/L"}, {"key": "NH4", "name_vi": "Amoni", "name_en": "Ammonium", "unit": "mg/L"}, {"key": "Flow", "name_vi": "L\u01b0u l\u01b0\u1ee3ng", "name_en": "Flow", "unit": "m3/h"}]');
INSERT INTO "profiles" VALUES(2,'soil-station','Trạm đất và khí hậu đồng ruộng','Soil and field weather station','agriculture','json',600,'[{"key": "soil_moisture", "name_vi": "\u0110\u1ed9 \u1ea9m \u0111\u1ea5t", "name_en": "Soil moisture", "unit": "%"}, {"key": "soil_temperature", "name_vi": "Nhi\u1ec7t \u0111\u1ed9 \u0111\u1ea5t", "name_en": "Soil temperature", "unit": "Cel"}, {"key": "air_temperature", "name_vi": "Nhi\u1ec7t \u0111\u1ed9 kh\u00f4ng kh\u00ed", "name_en": "Air temperature", "unit": "Cel"}, {"key": "air_humidity", "name_vi": "\u0110\u1ed9 \u1ea9m kh\u00f4ng kh\u00ed", "name_en": "Air humidity", "unit": "%"}, {"key": "rain", "name_vi": "L\u01b0\u1ee3ng m\u01b0a", "name_en": "Rain", "unit": "mm"}, {"key": "battery", "name_vi": "\u0110i\u1ec7n \u00e1p pin", "name_en": "Battery voltage", "unit": "V"}]');
INSERT INTO "profiles" VALUES(3,'traffic-counter','Bộ đếm giao thông','Traffic counter','traffic','json',60,'[{"key": "vehicles", "name_vi": "L\u01b0u l\u01b0\u1ee3ng xe", "name_en": "Traffic flow", "unit": "/h"}, {"key": "speed", "name_vi": "T\u1ed1c \u0111\u1ed9 trung b\u00ecnh", "name_en": "Mean speed", "unit": "km/h"}, {"key": "occupancy", "name_vi": "\u0110\u1ed9 chi\u1ebfm d\u1ee5ng l\u00e0n", "name_en": "Lane occupancy", "unit": "%"}]');
INSERT INTO "profiles" VALUES(4,'power-meter','Công tơ điện tử','Power meter','energy','json',60,'[{"key": "energy", "name_vi": "\u0110i\u1ec7n n\u0103ng ti\u00eau th\u1ee5", "name_en": "Energy", "unit": "kW.h"}, {"key": "power", "name_vi": "C\u00f4ng su\u1ea5t", "name_en": "Power", "unit": "kW"}, {"key": "voltage", "name_vi": "\u0110i\u1ec7n \u00e1p", "name_en": "Voltage", "unit": "V"}, {"key": "current", "name_vi": "D\u00f2ng \u0111i\u1ec7n", "name_en": "Current", "unit": "A"}, {"key": "power_factor", "name_vi": "H\u1ec7 s\u1ed1 c\u00f4ng su\u1ea5t", "name_en": "Power factor", "unit": "1"}]');
INSERT INTO "profiles" VALUES(5,'gas-detector','Thiết bị đo khí độc và nhiệt','Toxic gas and heat detector','safety','json',30,'[{"key": "CO", "name_vi": "Cacbon monoxit", "name_en": "Carbon monoxide", "unit": "[ppm]"}, {"key": "H2S", "name_vi": "Hydro sunfua", "name_en": "Hydrogen sulphide", "unit": "[ppm]"}, {"key": "O2", "name_vi": "Oxy", "name_en": "Oxygen", "unit": "%"}, {"key": "WBGT", "name_vi": "Ch\u1ec9 s\u1ed1 nhi\u1ec7t WBGT", "name_en": "WBGT heat index", "unit": "Cel"}, {"key": "battery", "name_vi": "\u0110i\u1ec7n \u00e1p pin", "name_en": "Battery voltage", "unit": "V"}]');
CREATE TABLE roles (
	name VARCHAR(60) NOT NULL, 
	title_vi VARCHAR(200) NOT NULL, 
	title_en VARCHAR(200) NOT NULL, 
	permissions JSON NOT NULL, 
	CONSTRAINT pk_roles PRIMARY KEY (name)
);
INSERT INTO "roles" VALUES('system-admin','Quản trị hệ thống','System administrator','["audit.read", "device.credential", "device.read", "device.write", "grant.write", "job.read", "job.write", "ops.read", "org.read", "org.write", "person.read", "person.write", "zone.read"]');
INSERT INTO "roles" VALUES('ict-officer','Chuyên viên Bưu chính, Viễn thông và CĐS (Sở KH&CN)','Post, telecom and digital officer','["device.read", "zone.read", "org.read", "device.write", "device.credential", "grant.write", "org.write", "person.read", "person.write", "audit.read", "job.read", "job.write", "ops.read"]');
INSERT INTO "roles" VALUES('department-leader','Lãnh đạo Sở','Department leader','["device.read", "zone.read", "org.read", "person.read", "audit.read", "job.read"]');
INSERT INTO "roles" VALUES('province-viewer','UBND tỉnh','Provincial people''s committee','["device.read", "zone.read", "org.read"]');
INSERT INTO "roles" VALUES('zone-authority','Ban quản lý KKT và các KCN','Zone authority','["device.read", "zone.read", "org.read", "device.write", "device.credential", "grant.write", "person.read", "audit.read", "job.read", "job.write"]');
INSERT INTO "roles" VALUES('environment-officer','Chuyên viên Sở NN&MT','Environment and agriculture officer','["device.read", "zone.read", "org.read", "device.write", "device.credential", "grant.write", "job.read", "job.write"]');
INSERT INTO "roles" VALUES('industry-officer','Chuyên viên Sở Công Thương','Industry and energy officer','["device.read", "zone.read", "org.read", "device.write", "device.credential", "grant.write", "job.read", "job.write"]');
INSERT INTO "roles" VALUES('traffic-officer','Chuyên viên Sở Xây dựng','Traffic officer','["device.read", "zone.read", "org.read", "device.write", "device.credential", "grant.write", "job.read", "job.write"]');
INSERT INTO "roles" VALUES('security-officer','Công an tỉnh','Provincial police officer','["device.read", "zone.read", "org.read", "audit.read"]');
INSERT INTO "roles" VALUES('labour-officer','Chuyên viên Sở Nội vụ','Labour officer','["device.read", "zone.read", "org.read"]');
INSERT INTO "roles" VALUES('commune-officer','UBND xã, phường, đặc khu','Commune officer','["device.read", "zone.read", "org.read"]');
INSERT INTO "roles" VALUES('operator-planner','Doanh nghiệp viễn thông','Telecom operator''s planner','["device.read", "zone.read", "org.read", "job.read", "job.write"]');
INSERT INTO "roles" VALUES('park-developer','Chủ đầu tư hạ tầng khu công nghiệp','Park developer','["device.read", "zone.read", "org.read", "device.write", "device.credential", "grant.write", "job.read"]');
INSERT INTO "roles" VALUES('enterprise','Doanh nghiệp','Enterprise','["device.read", "zone.read", "org.read", "device.write", "device.credential", "grant.write", "person.read", "person.write", "audit.read", "job.read", "job.write"]');
INSERT INTO "roles" VALUES('cooperative','Hợp tác xã','Cooperative','["device.read", "zone.read", "org.read", "device.write", "device.credential", "grant.write", "person.read", "job.read", "job.write"]');
INSERT INTO "roles" VALUES('telecom-authority','Cục Viễn thông','Telecom authority','["zone.read", "org.read"]');
INSERT INTO "roles" VALUES('auditor','Kiểm toán nhật ký','Auditor','["audit.read", "org.read", "person.read"]');
INSERT INTO "roles" VALUES('public-viewer','Người xem công khai','Public viewer','["zone.read"]');
CREATE TABLE sessions (
	digest BLOB NOT NULL, 
	person_id INTEGER NOT NULL, 
	csrf VARCHAR(64) NOT NULL, 
	created_ms INTEGER NOT NULL, 
	expires_ms INTEGER NOT NULL, 
	last_seen_ms INTEGER NOT NULL, 
	CONSTRAINT pk_sessions PRIMARY KEY (digest), 
	CONSTRAINT fk_sessions_person_id FOREIGN KEY(person_id) REFERENCES people (id)
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
INSERT INTO "zones" VALUES(1,'KKT-DQ','KKT','Khu kinh tế Dung Quất','khu kinh te dung quat','hoạt động',45332.0,'M','≈45.000 ha (dungquat.quangngai.gov.vn); 45.332 memory',108.79,15.36,'M','approximate, from memory, ±3 km','Xã Vạn Tường; Xã Bình Sơn; … (chưa đủ, verify)');
INSERT INTO "zones" VALUES(2,'KCN-DQD','KCN','KCN phía Đông Dung Quất','kcn phia dong dung quat','hiện có',NULL,'','',108.8,15.38,'M','approximate, from memory, ±3 km','Xã Vạn Tường');
INSERT INTO "zones" VALUES(3,'KCN-DQT','KCN','KCN phía Tây Dung Quất','kcn phia tay dung quat','hiện có',NULL,'','',108.72,15.38,'M','approximate, from memory, ±3 km','Xã Bình Sơn (verify)/Xã Vạn Tường (verify)');
INSERT INTO "zones" VALUES(4,'KCN-BHBP','KCN','KCN Bình Hòa - Bình Phước','kcn binh hoa - binh phuoc','hiện có',NULL,'','',108.79,15.33,'M','approximate, from memory, ±3 km','Xã Vạn Tường (verify)');
INSERT INTO "zones" VALUES(5,'KCN-TP','KCN','KCN Tịnh Phong','kcn tinh phong','hiện có',141.0,'M','memory',108.785,15.205,'M','approximate, from memory, ±2 km','Xã Thọ Phong');
INSERT INTO "zones" VALUES(6,'KCN-VSIP','KCN','VSIP Quảng Ngãi (KCN-đô thị-dịch vụ)','vsip quang ngai (kcn-do thi-dich vu)','hoạt động',660.0,'S','GĐ1 458→660 ha; quy hoạch 1/2000 1.226 ha (talkvietnam 2014)',108.775,15.215,'M','approximate, from memory, ±2 km','Xã Thọ Phong');
INSERT INTO "zones" VALUES(7,'KCN-DQ2','KCN','KCN Dung Quất II','kcn dung quat ii','dự kiến',NULL,'','',108.84,15.34,'M','approximate, from memory, ±4 km','Xã Vạn Tường');
INSERT INTO "zones" VALUES(8,'KCN-BT','KCN','KCN Bình Thanh','kcn binh thanh','dự kiến',NULL,'','',108.83,15.27,'M','approximate, from memory, ±4 km','Xã Đông Sơn (verify)');
INSERT INTO "zones" VALUES(9,'KCN-PP','KCN','KCN Phổ Phong','kcn pho phong','hiện có',157.0,'M','memory',108.9,14.85,'M','approximate, from memory, ±3 km','Xã Nguyễn Nghiêm');
INSERT INTO "zones" VALUES(10,'KCN-QP','KCN','KCN Quảng Phú','kcn quang phu','hiện có',92.0,'M','memory',108.775,15.115,'M','approximate, from memory, ±2 km','Phường Nghĩa Lộ');
INSERT INTO "zones" VALUES(11,'KCN-BL','KCN','KCN Bình Long','kcn binh long','dự kiến',NULL,'','',108.755,15.285,'M','approximate, from memory, ±4 km','Xã Bình Sơn (verify)');
INSERT INTO "zones" VALUES(12,'KCN-AP','KCN','KCN An Phú','kcn an phu','dự kiến',NULL,'','',108.8625,15.1214,'C','centroid of the commune, not of the zone','Xã An Phú');
INSERT INTO "zones" VALUES(13,'KKT-BY','KKT cửa khẩu','KKT cửa khẩu quốc tế Bờ Y','kkt cua khau quoc te bo y','hoạt động',16000.0,'S','dự thảo điều chỉnh 70.438→16.000 ha (thuonggiaonline)',107.6093,14.7068,'C','centroid of the commune, not of the zone','Xã Bờ Y');
INSERT INTO "zones" VALUES(14,'KCN-BY','KCN','KCN Bờ Y','kcn bo y','hiện có',NULL,'','',107.62,14.7,'M','approximate, from memory, ±4 km','Xã Bờ Y');
INSERT INTO "zones" VALUES(15,'KCN-HB1','KCN','KCN Hòa Bình (GĐ1)','kcn hoa binh (gd1)','lấp đầy 100 %, 37 dự án (2021)',60.0,'S','luxrealty/cafef 2022; kkt-kontum.gov.vn',107.995,14.315,'M','approximate, from memory, ±3 km','Phường Đăk Bla (verify)');
INSERT INTO "zones" VALUES(16,'KCN-HB2','KCN','KCN Hòa Bình (GĐ2)','kcn hoa binh (gd2)','quy hoạch',70.0,'S','kkt-kontum.gov.vn CV 433/TTg-CN',107.985,14.4,'M','approximate, from memory, ±4 km','Phường Đăk Cấm (verify)');
INSERT INTO "zones" VALUES(17,'KCN-SM','KCN','KCN Sao Mai','kcn sao mai','3 dự án (2021)',150.0,'S','luxrealty/cafef 2022',107.98,14.27,'M','approximate, from memory, ±4 km','Phường Đăk Bla / Xã Ia Chim (verify)');
INSERT INTO "zones" VALUES(18,'KCN-DT','KCN','KCN Đăk Tô','kcn dak to','chưa đầu tư hạ tầng (2021)',146.76,'S','luxrealty/cafef 2022',107.83,14.66,'M','approximate, from memory, ±5 km','Xã Đăk Tô (verify)');
INSERT INTO "zones" VALUES(19,'CCN-01','CCN','CCN Bình Mỹ','ccn binh my','chọn nhà đầu tư 2025-2030',50.0,'S','quangngaitv.vn via vietnam.vn (spelled ''Binh My'')',NULL,NULL,'','none','');
INSERT INTO "zones" VALUES(20,'CCN-02','CCN','CCN Bình Long','ccn binh long','chọn nhà đầu tư 2025-2030',75.0,'S','quangngaitv.vn via vietnam.vn (spelled ''Binh Long'')',NULL,NULL,'','none','');
INSERT INTO "zones" VALUES(21,'CCN-03','CCN','CCN Tịnh Thọ/Bình Thọ?','ccn tinh tho/binh tho?','chọn nhà đầu tư 2025-2030',70.0,'S','quangngaitv.vn via vietnam.vn (spelled ''Binh Tho'')',NULL,NULL,'','none','');
INSERT INTO "zones" VALUES(22,'CCN-04','CCN','CCN Tịnh Phong','ccn tinh phong','chọn nhà đầu tư 2025-2030',75.0,'S','quangngaitv.vn via vietnam.vn (spelled ''Tinh Phong'')',NULL,NULL,'','none','');
INSERT INTO "zones" VALUES(23,'CCN-05','CCN','CCN thị trấn Mộ Đức','ccn thi tran mo duc','chọn nhà đầu tư 2025-2030',30.0,'S','quangngaitv.vn via vietnam.vn (spelled ''Mo Duc town'')',NULL,NULL,'','none','');
INSERT INTO "zones" VALUES(24,'CCN-06','CCN','CCN Đồng Xe? (verify)','ccn dong xe? (verify)','chọn nhà đầu tư 2025-2030',70.0,'S','quangngaitv.vn via vietnam.vn (spelled ''Dong Xe'')',NULL,NULL,'','none','');
INSERT INTO "zones" VALUES(25,'CCN-07','CCN','CCN Núi Dâu (verify)','ccn nui dau (verify)','chọn nhà đầu tư 2025-2030',75.0,'S','quangngaitv.vn via vietnam.vn (spelled ''Nui Dau'')',NULL,NULL,'','none','');
INSERT INTO "zones" VALUES(26,'CCN-08','CCN','CCN Ba Dinh','ccn ba dinh','chọn nhà đầu tư 2025-2030',18.0,'S','quangngaitv.vn via vietnam.vn (spelled ''Ba Dinh'')',NULL,NULL,'','none','');
INSERT INTO "zones" VALUES(27,'CCN-09','CCN','CCN Sơn Thủy','ccn son thuy','chọn nhà đầu tư 2025-2030',20.0,'S','quangngaitv.vn via vietnam.vn (spelled ''Son Thuy'')',NULL,NULL,'','none','');
INSERT INTO "zones" VALUES(28,'CCN-10','CCN','CCN Trà Bình','ccn tra binh','chọn nhà đầu tư 2025-2030',10.0,'S','quangngaitv.vn via vietnam.vn (spelled ''Tra Binh'')',NULL,NULL,'','none','');
CREATE INDEX ix_organisations_parent_id ON organisations (parent_id);
CREATE INDEX ix_attempts_last_ms ON attempts (last_ms);
CREATE INDEX ix_org_closure_descendant_ancestor ON org_closure (descendant, ancestor);
CREATE INDEX ix_people_org_id ON people (org_id);
CREATE UNIQUE INDEX uq_devices_code ON devices (org_id, code) WHERE removed_ms IS NULL AND code <> '';
CREATE INDEX ix_devices_folded ON devices (folded, id) WHERE removed_ms IS NULL;
CREATE INDEX ix_devices_place ON devices (org_id, sector, zone_id) WHERE removed_ms IS NULL;
CREATE INDEX ix_assignments_org_id ON assignments (org_id);
CREATE INDEX ix_assignments_person_id ON assignments (person_id);
CREATE INDEX ix_sessions_expires_ms ON sessions (expires_ms);
CREATE INDEX ix_sessions_person_id ON sessions (person_id);
CREATE INDEX ix_credentials_device_id ON credentials (device_id);
CREATE INDEX ix_grants_device_id ON grants (device_id);
CREATE INDEX ix_grants_to_org_until_ms ON grants (to_org, until_ms);
CREATE INDEX ix_audit_noun_noun_id ON audit (noun, noun_id);
CREATE INDEX ix_audit_org_id_id ON audit (org_id, id);
CREATE INDEX ix_jobs_org_id_id ON jobs (org_id, id);
COMMIT;
