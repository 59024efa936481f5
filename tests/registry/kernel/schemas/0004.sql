BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0004');
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
INSERT INTO "audit" VALUES(23,1795000000000,NULL,'system',2,'operator.create','operator',1,NULL,'{"code": "MOBIFONE", "name": "MobiFone", "place": 1, "org_id": null}','');
INSERT INTO "audit" VALUES(24,1795000000000,NULL,'system',2,'operator.create','operator',2,NULL,'{"code": "VNPT", "name": "VNPT", "place": 2, "org_id": null}','');
INSERT INTO "audit" VALUES(25,1795000000000,NULL,'system',2,'operator.create','operator',3,NULL,'{"code": "VIETTEL", "name": "Viettel", "place": 3, "org_id": null}','');
INSERT INTO "audit" VALUES(26,1795000000000,NULL,'system',2,'count.enter','count',1,NULL,'{"id": 1, "operator": 1, "operator_code": "MOBIFONE", "operator_name": "MobiFone", "technology": "4G", "count": 813, "as_of": "2025-07-30", "as_of_mark": "as reported on", "scope": "province", "source": {"text": "C\u00f4ng v\u0103n ng\u00e0y 30/7/2025 c\u1ee7a S\u1edf Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7 t\u1ec9nh Qu\u1ea3ng Ng\u00e3i g\u1eedi C\u1ee5c Vi\u1ec5n th\u00f4ng, m\u1ee5c 2a, b\u1ea3ng s\u1ed1 tr\u1ea1m BTS", "mark": "S", "document": "L1"}, "note": "B\u1ea3ng kh\u00f4ng ghi ng\u00e0y ch\u1ed1t s\u1ed1 li\u1ec7u: l\u1ea5y ng\u00e0y c\u1ee7a v\u0103n b\u1ea3n. Kh\u00f4ng r\u00f5 s\u1ed1 li\u1ec7u c\u1ee7a 56 hay 96 \u0111\u01a1n v\u1ecb c\u1ea5p x\u00e3; kh\u00f4ng n\u00eau c\u00e1ch \u0111\u1ebfm tr\u1ea1m.", "entered_ms": 1795000000000, "entered_by": "system", "corrects": null, "corrected_by": null}','');
INSERT INTO "audit" VALUES(27,1795000000000,NULL,'system',2,'count.enter','count',2,NULL,'{"id": 2, "operator": 1, "operator_code": "MOBIFONE", "operator_name": "MobiFone", "technology": "5G", "count": 4, "as_of": "2025-07-30", "as_of_mark": "as reported on", "scope": "province", "source": {"text": "C\u00f4ng v\u0103n ng\u00e0y 30/7/2025 c\u1ee7a S\u1edf Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7 t\u1ec9nh Qu\u1ea3ng Ng\u00e3i g\u1eedi C\u1ee5c Vi\u1ec5n th\u00f4ng, m\u1ee5c 2a, b\u1ea3ng s\u1ed1 tr\u1ea1m BTS", "mark": "S", "document": "L1"}, "note": "B\u1ea3ng kh\u00f4ng ghi ng\u00e0y ch\u1ed1t s\u1ed1 li\u1ec7u: l\u1ea5y ng\u00e0y c\u1ee7a v\u0103n b\u1ea3n. Kh\u00f4ng r\u00f5 s\u1ed1 li\u1ec7u c\u1ee7a 56 hay 96 \u0111\u01a1n v\u1ecb c\u1ea5p x\u00e3; kh\u00f4ng n\u00eau c\u00e1ch \u0111\u1ebfm tr\u1ea1m.", "entered_ms": 1795000000000, "entered_by": "system", "corrects": null, "corrected_by": null}','');
INSERT INTO "audit" VALUES(28,1795000000000,NULL,'system',2,'count.enter','count',3,NULL,'{"id": 3, "operator": 2, "operator_code": "VNPT", "operator_name": "VNPT", "technology": "4G", "count": 826, "as_of": "2025-07-30", "as_of_mark": "as reported on", "scope": "province", "source": {"text": "C\u00f4ng v\u0103n ng\u00e0y 30/7/2025 c\u1ee7a S\u1edf Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7 t\u1ec9nh Qu\u1ea3ng Ng\u00e3i g\u1eedi C\u1ee5c Vi\u1ec5n th\u00f4ng, m\u1ee5c 2a, b\u1ea3ng s\u1ed1 tr\u1ea1m BTS", "mark": "S", "document": "L1"}, "note": "B\u1ea3ng kh\u00f4ng ghi ng\u00e0y ch\u1ed1t s\u1ed1 li\u1ec7u: l\u1ea5y ng\u00e0y c\u1ee7a v\u0103n b\u1ea3n. Kh\u00f4ng r\u00f5 s\u1ed1 li\u1ec7u c\u1ee7a 56 hay 96 \u0111\u01a1n v\u1ecb c\u1ea5p x\u00e3; kh\u00f4ng n\u00eau c\u00e1ch \u0111\u1ebfm tr\u1ea1m.", "entered_ms": 1795000000000, "entered_by": "system", "corrects": null, "corrected_by": null}','');
INSERT INTO "audit" VALUES(29,1795000000000,NULL,'system',2,'count.enter','count',4,NULL,'{"id": 4, "operator": 2, "operator_code": "VNPT", "operator_name": "VNPT", "technology": "5G", "count": 19, "as_of": "2025-07-30", "as_of_mark": "as reported on", "scope": "province", "source": {"text": "C\u00f4ng v\u0103n ng\u00e0y 30/7/2025 c\u1ee7a S\u1edf Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7 t\u1ec9nh Qu\u1ea3ng Ng\u00e3i g\u1eedi C\u1ee5c Vi\u1ec5n th\u00f4ng, m\u1ee5c 2a, b\u1ea3ng s\u1ed1 tr\u1ea1m BTS", "mark": "S", "document": "L1"}, "note": "B\u1ea3ng kh\u00f4ng ghi ng\u00e0y ch\u1ed1t s\u1ed1 li\u1ec7u: l\u1ea5y ng\u00e0y c\u1ee7a v\u0103n b\u1ea3n. Kh\u00f4ng r\u00f5 s\u1ed1 li\u1ec7u c\u1ee7a 56 hay 96 \u0111\u01a1n v\u1ecb c\u1ea5p x\u00e3; kh\u00f4ng n\u00eau c\u00e1ch \u0111\u1ebfm tr\u1ea1m.", "entered_ms": 1795000000000, "entered_by": "system", "corrects": null, "corrected_by": null}','');
INSERT INTO "audit" VALUES(30,1795000000000,NULL,'system',2,'count.enter','count',5,NULL,'{"id": 5, "operator": 3, "operator_code": "VIETTEL", "operator_name": "Viettel", "technology": "4G", "count": 996, "as_of": "2025-07-30", "as_of_mark": "as reported on", "scope": "province", "source": {"text": "C\u00f4ng v\u0103n ng\u00e0y 30/7/2025 c\u1ee7a S\u1edf Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7 t\u1ec9nh Qu\u1ea3ng Ng\u00e3i g\u1eedi C\u1ee5c Vi\u1ec5n th\u00f4ng, m\u1ee5c 2a, b\u1ea3ng s\u1ed1 tr\u1ea1m BTS", "mark": "S", "document": "L1"}, "note": "B\u1ea3ng kh\u00f4ng ghi ng\u00e0y ch\u1ed1t s\u1ed1 li\u1ec7u: l\u1ea5y ng\u00e0y c\u1ee7a v\u0103n b\u1ea3n. Kh\u00f4ng r\u00f5 s\u1ed1 li\u1ec7u c\u1ee7a 56 hay 96 \u0111\u01a1n v\u1ecb c\u1ea5p x\u00e3; kh\u00f4ng n\u00eau c\u00e1ch \u0111\u1ebfm tr\u1ea1m.", "entered_ms": 1795000000000, "entered_by": "system", "corrects": null, "corrected_by": null}','');
INSERT INTO "audit" VALUES(31,1795000000000,NULL,'system',2,'count.enter','count',6,NULL,'{"id": 6, "operator": 3, "operator_code": "VIETTEL", "operator_name": "Viettel", "technology": "5G", "count": 92, "as_of": "2025-07-30", "as_of_mark": "as reported on", "scope": "province", "source": {"text": "C\u00f4ng v\u0103n ng\u00e0y 30/7/2025 c\u1ee7a S\u1edf Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7 t\u1ec9nh Qu\u1ea3ng Ng\u00e3i g\u1eedi C\u1ee5c Vi\u1ec5n th\u00f4ng, m\u1ee5c 2a, b\u1ea3ng s\u1ed1 tr\u1ea1m BTS", "mark": "S", "document": "L1"}, "note": "B\u1ea3ng kh\u00f4ng ghi ng\u00e0y ch\u1ed1t s\u1ed1 li\u1ec7u: l\u1ea5y ng\u00e0y c\u1ee7a v\u0103n b\u1ea3n. Kh\u00f4ng r\u00f5 s\u1ed1 li\u1ec7u c\u1ee7a 56 hay 96 \u0111\u01a1n v\u1ecb c\u1ea5p x\u00e3; kh\u00f4ng n\u00eau c\u00e1ch \u0111\u1ebfm tr\u1ea1m.", "entered_ms": 1795000000000, "entered_by": "system", "corrects": null, "corrected_by": null}','');
INSERT INTO "audit" VALUES(32,1795000000000,NULL,'system',2,'target.create','target',1,NULL,'{"name_vi": "S\u1ed1 tr\u1ea1m 5G ph\u00e1t s\u00f3ng so v\u1edbi s\u1ed1 tr\u1ea1m 4G", "name_en": "5G stations on air against 4G stations", "value": "50", "base_rule": "moving", "deadline": "2025-12-31", "source": {"text": "Quy\u1ebft \u0111\u1ecbnh s\u1ed1 912/Q\u0110-BKHCN ng\u00e0y 18/5/2025 c\u1ee7a B\u1ed9 Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7, K\u1ebf ho\u1ea1ch ph\u00e1t tri\u1ec3n h\u1ea1 t\u1ea7ng s\u1ed1 2025\u20132030 (vjst.vn)", "mark": "S", "document": "QD912"}, "base_date": null, "base_value": null, "base_stated": false, "base_note": "V\u0103n b\u1ea3n kh\u00f4ng n\u00f3i l\u1ea5y s\u1ed1 tr\u1ea1m 4G c\u1ee7a ng\u00e0y n\u00e0o; \u1edf \u0111\u00e2y l\u1ea5y s\u1ed1 c\u1ee7a ng\u00e0y \u0111\u01b0\u1ee3c h\u1ecfi.", "quote": "s\u1ed1 tr\u1ea1m 5G ph\u00e1t s\u00f3ng trong n\u0103m 2025 \u0111\u1ea1t t\u1ed1i thi\u1ec3u 50% so v\u1edbi s\u1ed1 l\u01b0\u1ee3ng tr\u1ea1m 4G \u0111\u00e3 ph\u00e1t s\u00f3ng", "counting_rule": "", "note": "C\u00f4ng v\u0103n ng\u00e0y 30/7/2025 d\u00f9ng \u0111\u00fang c\u00e2u n\u00e0y nh\u01b0ng kh\u00f4ng d\u1eabn ngu\u1ed3n.", "key": "5g-4g-2025", "indicator": "ratio_5g_4g", "unit": "percent", "scope": "province", "id": 1, "retired_ms": null}','');
INSERT INTO "audit" VALUES(33,1795000000000,NULL,'system',2,'target.create','target',2,NULL,'{"name_vi": "KKT, KCN, CCN c\u00f3 5G", "name_en": "Economic zones, industrial parks and clusters with 5G", "value": "100", "base_rule": "given", "deadline": "2025-12-31", "source": {"text": "K\u1ebf ho\u1ea1ch s\u1ed1 252/KH-UBND ng\u00e0y 31/12/2024 c\u1ee7a UBND t\u1ec9nh Qu\u1ea3ng Ng\u00e3i v\u1ec1 Ph\u00e1t tri\u1ec3n h\u1ea1 t\u1ea7ng s\u1ed1 (quangngai.gov.vn)", "mark": "S", "document": "D2"}, "base_date": null, "base_value": null, "base_stated": false, "base_note": "V\u0103n b\u1ea3n kh\u00f4ng k\u00e8m danh s\u00e1ch khu, c\u1ee5m.", "quote": "", "counting_rule": "", "note": "K\u1ebf ho\u1ea1ch c\u1ee7a t\u1ec9nh tr\u01b0\u1edbc s\u1eafp x\u1ebfp ng\u00e0y 01/7/2025: ch\u01b0a r\u00f5 c\u00f3 \u00e1p d\u1ee5ng cho to\u00e0n b\u1ed9 96 \u0111\u01a1n v\u1ecb c\u1ea5p x\u00e3 hay kh\u00f4ng.", "key": "zones-5g-2025", "indicator": "share_with_5g", "unit": "percent", "scope": "province", "id": 2, "retired_ms": null}','');
INSERT INTO "audit" VALUES(34,1795000000000,NULL,'system',2,'target.create','target',3,NULL,'{"name_vi": "\u0110i\u1ec3m \u0111\u1eb7t thi\u1ebft b\u1ecb gi\u00e1m s\u00e1t c\u00f3 5G", "name_en": "Points with monitoring equipment that have 5G", "value": "100", "base_rule": "given", "deadline": "2025-12-31", "source": {"text": "K\u1ebf ho\u1ea1ch s\u1ed1 252/KH-UBND ng\u00e0y 31/12/2024 c\u1ee7a UBND t\u1ec9nh Qu\u1ea3ng Ng\u00e3i v\u1ec1 Ph\u00e1t tri\u1ec3n h\u1ea1 t\u1ea7ng s\u1ed1 (quangngai.gov.vn)", "mark": "S", "document": "D2"}, "base_date": null, "base_value": null, "base_stated": false, "base_note": "V\u0103n b\u1ea3n kh\u00f4ng k\u00e8m danh s\u00e1ch \u0111i\u1ec3m.", "quote": "", "counting_rule": "", "note": "K\u1ebf ho\u1ea1ch c\u1ee7a t\u1ec9nh tr\u01b0\u1edbc s\u1eafp x\u1ebfp ng\u00e0y 01/7/2025: ch\u01b0a r\u00f5 c\u00f3 \u00e1p d\u1ee5ng cho to\u00e0n b\u1ed9 96 \u0111\u01a1n v\u1ecb c\u1ea5p x\u00e3 hay kh\u00f4ng.", "key": "monitoring-points-5g-2025", "indicator": "share_with_5g", "unit": "percent", "scope": "province", "id": 3, "retired_ms": null}','');
INSERT INTO "audit" VALUES(35,1795000000000,NULL,'system',2,'target.create','target',4,NULL,'{"name_vi": "K\u1ebft n\u1ed1i IoT tr\u00ean m\u1ed7i ng\u01b0\u1eddi d\u00e2n", "name_en": "IoT connections per inhabitant", "value": "1", "base_rule": "given", "deadline": "2025-12-31", "source": {"text": "K\u1ebf ho\u1ea1ch s\u1ed1 252/KH-UBND ng\u00e0y 31/12/2024 c\u1ee7a UBND t\u1ec9nh Qu\u1ea3ng Ng\u00e3i v\u1ec1 Ph\u00e1t tri\u1ec3n h\u1ea1 t\u1ea7ng s\u1ed1 (quangngai.gov.vn)", "mark": "S", "document": "D2"}, "base_date": null, "base_value": 2161755, "base_stated": false, "base_note": "D\u00e2n s\u1ed1 t\u1ec9nh sau s\u1eafp x\u1ebfp theo Ngh\u1ecb quy\u1ebft s\u1ed1 202/2025/QH15 ng\u00e0y 12/6/2025 (sotuphap.kontum.gov.vn); k\u1ebf ho\u1ea1ch ban h\u00e0nh tr\u01b0\u1edbc \u0111\u00f3.", "quote": "", "counting_rule": "", "note": "K\u1ebf ho\u1ea1ch c\u1ee7a t\u1ec9nh tr\u01b0\u1edbc s\u1eafp x\u1ebfp ng\u00e0y 01/7/2025: ch\u01b0a r\u00f5 c\u00f3 \u00e1p d\u1ee5ng cho to\u00e0n b\u1ed9 96 \u0111\u01a1n v\u1ecb c\u1ea5p x\u00e3 hay kh\u00f4ng.", "key": "iot-per-inhabitant-2025", "indicator": "iot_per_inhabitant", "unit": "ratio", "scope": "province", "id": 4, "retired_ms": null}','');
INSERT INTO "audit" VALUES(36,1795000000000,NULL,'system',2,'target.create','target',5,NULL,'{"name_vi": "Khu c\u00f4ng nghi\u1ec7p c\u00f3 5G (Chi\u1ebfn l\u01b0\u1ee3c h\u1ea1 t\u1ea7ng s\u1ed1 qu\u1ed1c gia)", "name_en": "Industrial parks with 5G (national digital infrastructure strategy)", "value": "100", "base_rule": "given", "deadline": "2025-12-31", "source": {"text": "Quy\u1ebft \u0111\u1ecbnh s\u1ed1 1132/Q\u0110-TTg ng\u00e0y 09/10/2024 c\u1ee7a Th\u1ee7 t\u01b0\u1edbng Ch\u00ednh ph\u1ee7, Chi\u1ebfn l\u01b0\u1ee3c h\u1ea1 t\u1ea7ng s\u1ed1 (b\u1ea3n tin thuvienphapluat)", "mark": "S", "document": "QD1132"}, "base_date": null, "base_value": null, "base_stated": false, "base_note": "", "quote": "", "counting_rule": "", "note": "", "key": "parks-5g-national-2025", "indicator": "share_with_5g", "unit": "percent", "scope": "province", "id": 5, "retired_ms": null}','');
INSERT INTO "audit" VALUES(37,1795000000000,NULL,'system',2,'target.create','target',6,NULL,'{"name_vi": "D\u00e2n s\u1ed1 \u0111\u01b0\u1ee3c ph\u1ee7 s\u00f3ng 5G", "name_en": "Population covered by 5G", "value": "99", "base_rule": "given", "deadline": "2030-12-31", "source": {"text": "K\u1ebf ho\u1ea1ch s\u1ed1 252/KH-UBND ng\u00e0y 31/12/2024 c\u1ee7a UBND t\u1ec9nh Qu\u1ea3ng Ng\u00e3i v\u1ec1 Ph\u00e1t tri\u1ec3n h\u1ea1 t\u1ea7ng s\u1ed1 (quangngai.gov.vn)", "mark": "S", "document": "D2"}, "base_date": null, "base_value": 2161755, "base_stated": false, "base_note": "D\u00e2n s\u1ed1 t\u1ec9nh sau s\u1eafp x\u1ebfp theo Ngh\u1ecb quy\u1ebft s\u1ed1 202/2025/QH15 ng\u00e0y 12/6/2025 (sotuphap.kontum.gov.vn).", "quote": "", "counting_rule": "", "note": "K\u1ebf ho\u1ea1ch c\u1ee7a t\u1ec9nh tr\u01b0\u1edbc s\u1eafp x\u1ebfp ng\u00e0y 01/7/2025: ch\u01b0a r\u00f5 c\u00f3 \u00e1p d\u1ee5ng cho to\u00e0n b\u1ed9 96 \u0111\u01a1n v\u1ecb c\u1ea5p x\u00e3 hay kh\u00f4ng.", "key": "population-5g-2030", "indicator": "population_with_5g", "unit": "percent", "scope": "province", "id": 6, "retired_ms": null}','');
INSERT INTO "audit" VALUES(38,1795000000000,NULL,'system',2,'document.create','document',1,NULL,'{"role": "directive", "kind": "K\u1ebf ho\u1ea1ch", "number": "359-KH/TU", "issued_on": "2025-04-29", "issuer": "T\u1ec9nh \u1ee7y Qu\u1ea3ng Ng\u00e3i", "subject": "v\u1ec1 th\u1ef1c hi\u1ec7n Ngh\u1ecb quy\u1ebft s\u1ed1 57-NQ/TW ng\u00e0y 22/12/2024 c\u1ee7a B\u1ed9 Ch\u00ednh tr\u1ecb v\u1ec1 \u0111\u1ed9t ph\u00e1 ph\u00e1t tri\u1ec3n khoa h\u1ecdc, c\u00f4ng ngh\u1ec7, \u0111\u1ed5i m\u1edbi s\u00e1ng t\u1ea1o v\u00e0 chuy\u1ec3n \u0111\u1ed5i s\u1ed1 qu\u1ed1c gia", "issuer_stated": true, "asks": [], "source": "C\u00f4ng v\u0103n ng\u00e0y 30/7/2025 c\u1ee7a S\u1edf Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7 t\u1ec9nh Qu\u1ea3ng Ng\u00e3i g\u1eedi C\u1ee5c Vi\u1ec5n th\u00f4ng, m\u1ee5c 1", "mark": "S", "note": "", "place": 1, "key": "D1", "id": 1, "links": []}','');
INSERT INTO "audit" VALUES(39,1795000000000,NULL,'system',2,'document.create','document',2,NULL,'{"role": "directive", "kind": "K\u1ebf ho\u1ea1ch", "number": "252/KH-UBND", "issued_on": "2024-12-31", "issuer": "UBND t\u1ec9nh Qu\u1ea3ng Ng\u00e3i", "subject": "v\u1ec1 Ph\u00e1t tri\u1ec3n h\u1ea1 t\u1ea7ng s\u1ed1", "issuer_stated": true, "asks": [], "source": "C\u00f4ng v\u0103n ng\u00e0y 30/7/2025 c\u1ee7a S\u1edf Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7 t\u1ec9nh Qu\u1ea3ng Ng\u00e3i g\u1eedi C\u1ee5c Vi\u1ec5n th\u00f4ng, m\u1ee5c 1", "mark": "S", "note": "C\u00e1c ch\u1ec9 ti\u00eau c\u1ee7a k\u1ebf ho\u1ea1ch \u0111\u1ecdc t\u1ea1i quangngai.gov.vn.", "place": 2, "key": "D2", "id": 2, "links": []}','');
INSERT INTO "audit" VALUES(40,1795000000000,NULL,'system',2,'document.create','document',3,NULL,'{"role": "directive", "kind": "K\u1ebf ho\u1ea1ch", "number": "327/KH-UBND", "issued_on": "2025-05-26", "issuer": "UBND t\u1ec9nh Qu\u1ea3ng Ng\u00e3i", "subject": "v\u1ec1 ban h\u00e0nh K\u1ebf ho\u1ea1ch h\u00e0nh \u0111\u1ed9ng th\u1ef1c hi\u1ec7n Ngh\u1ecb quy\u1ebft s\u1ed1 71/NQ-CP ng\u00e0y 01/4/2025 c\u1ee7a Ch\u00ednh ph\u1ee7 v\u00e0 K\u1ebf ho\u1ea1ch s\u1ed1 359-KH/TU ng\u00e0y 29/4/2025 c\u1ee7a T\u1ec9nh \u1ee7y Qu\u1ea3ng Ng\u00e3i v\u1ec1 th\u1ef1c hi\u1ec7n Ngh\u1ecb quy\u1ebft s\u1ed1 57-NQ/TW", "issuer_stated": true, "asks": [], "source": "C\u00f4ng v\u0103n ng\u00e0y 30/7/2025 c\u1ee7a S\u1edf Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7 t\u1ec9nh Qu\u1ea3ng Ng\u00e3i g\u1eedi C\u1ee5c Vi\u1ec5n th\u00f4ng, m\u1ee5c 1", "mark": "S", "note": "", "place": 3, "key": "D3", "id": 3, "links": []}','');
INSERT INTO "audit" VALUES(41,1795000000000,NULL,'system',2,'document.create','document',4,NULL,'{"role": "directive", "kind": "V\u0103n b\u1ea3n", "number": "2763/UBND-KGVX", "issued_on": "2025-05-12", "issuer": "UBND t\u1ec9nh Qu\u1ea3ng Ng\u00e3i", "subject": "v\u1ec1 \u0111\u1ec1 ngh\u1ecb c\u00e1c doanh nghi\u1ec7p vi\u1ec5n th\u00f4ng ph\u00e2n b\u1ed5 ch\u1ec9 ti\u00eau v\u1ec1 ph\u00e1t tri\u1ec3n tr\u1ea1m 5G tr\u00ean \u0111\u1ecba b\u00e0n t\u1ec9nh Qu\u1ea3ng Ng\u00e3i", "issuer_stated": false, "asks": [], "source": "C\u00f4ng v\u0103n ng\u00e0y 30/7/2025 c\u1ee7a S\u1edf Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7 t\u1ec9nh Qu\u1ea3ng Ng\u00e3i g\u1eedi C\u1ee5c Vi\u1ec5n th\u00f4ng, m\u1ee5c 1", "mark": "S", "note": "C\u00f4ng v\u0103n kh\u00f4ng n\u00eau c\u01a1 quan ban h\u00e0nh: suy t\u1eeb k\u00fd hi\u1ec7u.", "place": 4, "key": "D4", "id": 4, "links": []}','');
INSERT INTO "audit" VALUES(42,1795000000000,NULL,'system',2,'document.create','document',5,NULL,'{"role": "directive", "kind": "Th\u00f4ng b\u00e1o", "number": "167/TB-UBND", "issued_on": "2025-04-03", "issuer": "UBND t\u1ec9nh Qu\u1ea3ng Ng\u00e3i", "subject": "v\u1ec1 K\u1ebft lu\u1eadn c\u1ee7a Ph\u00f3 Ch\u1ee7 t\u1ecbch Th\u01b0\u1eddng tr\u1ef1c UBND t\u1ec9nh t\u1ea1i bu\u1ed5i l\u00e0m vi\u1ec7c v\u1edbi S\u1edf Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7 v\u1ec1 tri\u1ec3n khai nhi\u1ec7m v\u1ee5 tr\u1ecdng t\u00e2m n\u0103m 2025", "issuer_stated": false, "asks": [], "source": "C\u00f4ng v\u0103n ng\u00e0y 30/7/2025 c\u1ee7a S\u1edf Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7 t\u1ec9nh Qu\u1ea3ng Ng\u00e3i g\u1eedi C\u1ee5c Vi\u1ec5n th\u00f4ng, m\u1ee5c 1", "mark": "S", "note": "C\u00f4ng v\u0103n kh\u00f4ng n\u00eau c\u01a1 quan ban h\u00e0nh: suy t\u1eeb k\u00fd hi\u1ec7u.", "place": 5, "key": "D5", "id": 5, "links": []}','');
INSERT INTO "audit" VALUES(43,1795000000000,NULL,'system',2,'document.create','document',6,NULL,'{"role": "basis", "kind": "Ngh\u1ecb quy\u1ebft", "number": "57-NQ/TW", "issued_on": "2024-12-22", "issuer": "B\u1ed9 Ch\u00ednh tr\u1ecb", "subject": "v\u1ec1 \u0111\u1ed9t ph\u00e1 ph\u00e1t tri\u1ec3n khoa h\u1ecdc, c\u00f4ng ngh\u1ec7, \u0111\u1ed5i m\u1edbi s\u00e1ng t\u1ea1o v\u00e0 chuy\u1ec3n \u0111\u1ed5i s\u1ed1 qu\u1ed1c gia", "issuer_stated": true, "asks": [], "source": "C\u00f4ng v\u0103n ng\u00e0y 30/7/2025 c\u1ee7a S\u1edf Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7 t\u1ec9nh Qu\u1ea3ng Ng\u00e3i g\u1eedi C\u1ee5c Vi\u1ec5n th\u00f4ng, m\u1ee5c 1", "mark": "S", "note": "", "place": 6, "key": "R1", "id": 6, "links": []}','');
INSERT INTO "audit" VALUES(44,1795000000000,NULL,'system',2,'document.create','document',7,NULL,'{"role": "basis", "kind": "Ngh\u1ecb quy\u1ebft", "number": "71/NQ-CP", "issued_on": "2025-04-01", "issuer": "Ch\u00ednh ph\u1ee7", "subject": "", "issuer_stated": true, "asks": [], "source": "C\u00f4ng v\u0103n ng\u00e0y 30/7/2025 c\u1ee7a S\u1edf Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7 t\u1ec9nh Qu\u1ea3ng Ng\u00e3i g\u1eedi C\u1ee5c Vi\u1ec5n th\u00f4ng, m\u1ee5c 1", "mark": "S", "note": "C\u00f4ng v\u0103n kh\u00f4ng n\u00eau tr\u00edch y\u1ebfu. Theo hethongphapluat.com v\u00e0 nhansu.vn, ngh\u1ecb quy\u1ebft s\u1eeda \u0111\u1ed5i ch\u01b0\u01a1ng tr\u00ecnh h\u00e0nh \u0111\u1ed9ng c\u1ee7a Ch\u00ednh ph\u1ee7 th\u1ef1c hi\u1ec7n Ngh\u1ecb quy\u1ebft s\u1ed1 57-NQ/TW.", "place": 7, "key": "R2", "id": 7, "links": []}','');
INSERT INTO "audit" VALUES(45,1795000000000,NULL,'system',2,'document.create','document',8,NULL,'{"role": "request", "kind": "C\u00f4ng v\u0103n", "number": "3228/CVT-TT\u0110LCL", "issued_on": "2025-07-22", "issuer": "C\u1ee5c Vi\u1ec5n th\u00f4ng", "subject": "v\u1ec1 vi\u1ec7c x\u00e2y d\u1ef1ng, ban h\u00e0nh k\u1ebf ho\u1ea1ch v\u00e0 tri\u1ec3n khai h\u1ea1 t\u1ea7ng 5G, IoT trong c\u00e1c khu c\u00f4ng nghi\u1ec7p, c\u1ee5m c\u00f4ng nghi\u1ec7p", "issuer_stated": true, "asks": ["build", "issue", "carry-out"], "source": "C\u00f4ng v\u0103n ng\u00e0y 30/7/2025 c\u1ee7a S\u1edf Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7 t\u1ec9nh Qu\u1ea3ng Ng\u00e3i g\u1eedi C\u1ee5c Vi\u1ec5n th\u00f4ng, ph\u1ea7n m\u1edf \u0111\u1ea7u", "mark": "S", "note": "", "place": 8, "key": "R3", "id": 8, "links": []}','');
INSERT INTO "audit" VALUES(46,1795000000000,NULL,'system',2,'document.create','document',9,NULL,'{"role": "letter", "kind": "C\u00f4ng v\u0103n", "number": "", "issued_on": "2025-07-30", "issuer": "S\u1edf Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7 t\u1ec9nh Qu\u1ea3ng Ng\u00e3i", "subject": "k\u1ebft qu\u1ea3 th\u1ef1c hi\u1ec7n nhi\u1ec7m v\u1ee5 tri\u1ec3n khai h\u1ea1 t\u1ea7ng 5G, IoT trong c\u00e1c khu c\u00f4ng nghi\u1ec7p, c\u1ee5m c\u00f4ng nghi\u1ec7p tr\u00ean \u0111\u1ecba b\u00e0n t\u1ec9nh Qu\u1ea3ng Ng\u00e3i", "issuer_stated": true, "asks": [], "source": "B\u1ea3n tr\u00edch c\u1ee7a c\u00f4ng v\u0103n", "mark": "S", "note": "B\u1ea3n tr\u00edch kh\u00f4ng c\u00f3 s\u1ed1, k\u00fd hi\u1ec7u.", "place": 0, "key": "L1", "id": 9, "links": []}','');
INSERT INTO "audit" VALUES(47,1795000000000,NULL,'system',2,'document.create','document',10,NULL,'{"role": "rule", "kind": "Quy\u1ebft \u0111\u1ecbnh", "number": "912/Q\u0110-BKHCN", "issued_on": "2025-05-18", "issuer": "B\u1ed9 Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7", "subject": "K\u1ebf ho\u1ea1ch ph\u00e1t tri\u1ec3n h\u1ea1 t\u1ea7ng s\u1ed1 2025\u20132030", "issuer_stated": true, "asks": [], "source": "vjst.vn", "mark": "S", "note": "", "place": 0, "key": "QD912", "id": 10, "links": []}','');
INSERT INTO "audit" VALUES(48,1795000000000,NULL,'system',2,'document.create','document',11,NULL,'{"role": "rule", "kind": "Quy\u1ebft \u0111\u1ecbnh", "number": "1132/Q\u0110-TTg", "issued_on": "2024-10-09", "issuer": "Th\u1ee7 t\u01b0\u1edbng Ch\u00ednh ph\u1ee7", "subject": "Chi\u1ebfn l\u01b0\u1ee3c h\u1ea1 t\u1ea7ng s\u1ed1", "issuer_stated": true, "asks": [], "source": "B\u1ea3n tin thuvienphapluat", "mark": "S", "note": "", "place": 0, "key": "QD1132", "id": 11, "links": []}','');
INSERT INTO "audit" VALUES(49,1795000000000,NULL,'system',2,'document.create','document',12,NULL,'{"role": "rule", "kind": "Ngh\u1ecb quy\u1ebft", "number": "193/2025/QH15", "issued_on": null, "issuer": "Qu\u1ed1c h\u1ed9i", "subject": "", "issuer_stated": true, "asks": [], "source": "pbgdpl.gov.vn, kinhtedothi.vn", "mark": "S", "note": "\u0110i\u1ec1u 11: h\u1ed7 tr\u1ee3 ph\u00e1t tri\u1ec3n tr\u1ea1m 5G.", "place": 0, "key": "NQ193", "id": 12, "links": []}','');
INSERT INTO "audit" VALUES(50,1795000000000,NULL,'system',2,'document.create','document',13,NULL,'{"role": "rule", "kind": "Ngh\u1ecb \u0111\u1ecbnh", "number": "88/2025/N\u0110-CP", "issued_on": "2025-04-13", "issuer": "Ch\u00ednh ph\u1ee7", "subject": "", "issuer_stated": true, "asks": [], "source": "pbgdpl.gov.vn, kinhtedothi.vn", "mark": "S", "note": "\u0110i\u1ec1u ki\u1ec7n \u0111\u1ebfm tr\u1ea1m 5G \u0111\u01b0\u1ee3c h\u1ed7 tr\u1ee3.", "place": 0, "key": "ND88", "id": 13, "links": []}','');
INSERT INTO "audit" VALUES(51,1795000000000,NULL,'system',2,'document.create','document',14,NULL,'{"role": "rule", "kind": "Ngh\u1ecb quy\u1ebft", "number": "202/2025/QH15", "issued_on": "2025-06-12", "issuer": "Qu\u1ed1c h\u1ed9i", "subject": "", "issuer_stated": true, "asks": [], "source": "sotuphap.kontum.gov.vn", "mark": "S", "note": "S\u1eafp x\u1ebfp t\u1ec9nh Kon Tum v\u00e0 t\u1ec9nh Qu\u1ea3ng Ng\u00e3i, ho\u1ea1t \u0111\u1ed9ng t\u1eeb ng\u00e0y 01/7/2025.", "place": 0, "key": "NQ202", "id": 14, "links": []}','');
INSERT INTO "audit" VALUES(52,1795000000000,NULL,'system',2,'document.create','document',15,NULL,'{"role": "rule", "kind": "Ngh\u1ecb \u0111\u1ecbnh", "number": "30/2020/N\u0110-CP", "issued_on": null, "issuer": "Ch\u00ednh ph\u1ee7", "subject": "", "issuer_stated": true, "asks": [], "source": "Ph\u1ee5 l\u1ee5c I (to\u00e0n v\u0103n)", "mark": "S", "note": "Th\u1ec3 th\u1ee9c v\u00e0 k\u1ef9 thu\u1eadt tr\u00ecnh b\u00e0y v\u0103n b\u1ea3n h\u00e0nh ch\u00ednh.", "place": 0, "key": "ND30", "id": 15, "links": []}','');
INSERT INTO "audit" VALUES(53,1795000000000,NULL,'system',2,'document.link','document',1,'{"links": []}','{"links": [{"relation": "implements", "document": 6, "key": "R1"}]}','');
INSERT INTO "audit" VALUES(54,1795000000000,NULL,'system',2,'document.link','document',3,'{"links": []}','{"links": [{"relation": "implements", "document": 7, "key": "R2"}]}','');
INSERT INTO "audit" VALUES(55,1795000000000,NULL,'system',2,'document.link','document',3,'{"links": [{"relation": "implements", "document": 7, "key": "R2"}]}','{"links": [{"relation": "implements", "document": 7, "key": "R2"}, {"relation": "implements", "document": 1, "key": "D1"}]}','');
INSERT INTO "audit" VALUES(56,1795000000000,NULL,'system',2,'document.link','document',3,'{"links": [{"relation": "implements", "document": 7, "key": "R2"}, {"relation": "implements", "document": 1, "key": "D1"}]}','{"links": [{"relation": "implements", "document": 7, "key": "R2"}, {"relation": "implements", "document": 1, "key": "D1"}, {"relation": "rests-on", "document": 6, "key": "R1"}]}','');
INSERT INTO "audit" VALUES(57,1795000000000,NULL,'system',2,'document.link','document',7,'{"links": []}','{"links": [{"relation": "rests-on", "document": 6, "key": "R1"}]}','');
INSERT INTO "audit" VALUES(58,1795000000000,NULL,'system',2,'document.link','document',9,'{"links": []}','{"links": [{"relation": "answers", "document": 8, "key": "R3"}]}','');
INSERT INTO "audit" VALUES(59,1795000000000,NULL,'system',2,'document.link','document',9,'{"links": [{"relation": "answers", "document": 8, "key": "R3"}]}','{"links": [{"relation": "answers", "document": 8, "key": "R3"}, {"relation": "cites", "document": 1, "key": "D1"}]}','');
INSERT INTO "audit" VALUES(60,1795000000000,NULL,'system',2,'document.link','document',9,'{"links": [{"relation": "answers", "document": 8, "key": "R3"}, {"relation": "cites", "document": 1, "key": "D1"}]}','{"links": [{"relation": "answers", "document": 8, "key": "R3"}, {"relation": "cites", "document": 1, "key": "D1"}, {"relation": "cites", "document": 2, "key": "D2"}]}','');
INSERT INTO "audit" VALUES(61,1795000000000,NULL,'system',2,'document.link','document',9,'{"links": [{"relation": "answers", "document": 8, "key": "R3"}, {"relation": "cites", "document": 1, "key": "D1"}, {"relation": "cites", "document": 2, "key": "D2"}]}','{"links": [{"relation": "answers", "document": 8, "key": "R3"}, {"relation": "cites", "document": 1, "key": "D1"}, {"relation": "cites", "document": 2, "key": "D2"}, {"relation": "cites", "document": 3, "key": "D3"}]}','');
INSERT INTO "audit" VALUES(62,1795000000000,NULL,'system',2,'document.link','document',9,'{"links": [{"relation": "answers", "document": 8, "key": "R3"}, {"relation": "cites", "document": 1, "key": "D1"}, {"relation": "cites", "document": 2, "key": "D2"}, {"relation": "cites", "document": 3, "key": "D3"}]}','{"links": [{"relation": "answers", "document": 8, "key": "R3"}, {"relation": "cites", "document": 1, "key": "D1"}, {"relation": "cites", "document": 2, "key": "D2"}, {"relation": "cites", "document": 3, "key": "D3"}, {"relation": "cites", "document": 4, "key": "D4"}]}','');
INSERT INTO "audit" VALUES(63,1795000000000,NULL,'system',2,'document.link','document',9,'{"links": [{"relation": "answers", "document": 8, "key": "R3"}, {"relation": "cites", "document": 1, "key": "D1"}, {"relation": "cites", "document": 2, "key": "D2"}, {"relation": "cites", "document": 3, "key": "D3"}, {"relation": "cites", "document": 4, "key": "D4"}]}','{"links": [{"relation": "answers", "document": 8, "key": "R3"}, {"relation": "cites", "document": 1, "key": "D1"}, {"relation": "cites", "document": 2, "key": "D2"}, {"relation": "cites", "document": 3, "key": "D3"}, {"relation": "cites", "document": 4, "key": "D4"}, {"relation": "cites", "document": 5, "key": "D5"}]}','');
INSERT INTO "audit" VALUES(64,1795000000000,NULL,'system',2,'document.link','document',13,'{"links": []}','{"links": [{"relation": "implements", "document": 12, "key": "NQ193"}]}','');
INSERT INTO "audit" VALUES(65,1795000000000,NULL,'system',2,'task.create','task',1,NULL,'{"text": "Ch\u1ee7 \u0111\u1ed9ng nghi\u00ean c\u1ee9u, h\u1ecdc t\u1eadp kinh nghi\u1ec7m t\u1eeb c\u00e1c \u0111\u1ecba ph\u01b0\u01a1ng; tr\u00ean c\u01a1 s\u1edf \u0111\u00f3, t\u1ed5ng h\u1ee3p, ph\u00e2n t\u00edch, \u0111\u00e1nh gi\u00e1 c\u00e1c ch\u00ednh s\u00e1ch \u01b0u \u0111\u00e3i, h\u1ed7 tr\u1ee3 c\u1ee7a c\u00e1c \u0111\u1ecba ph\u01b0\u01a1ng n\u00e0y \u0111\u1ec3 \u0111\u1ec1 xu\u1ea5t c\u01a1 ch\u1ebf ch\u00ednh s\u00e1ch h\u1ed7 tr\u1ee3 ph\u00f9 h\u1ee3p v\u1edbi quy \u0111\u1ecbnh c\u1ee7a ph\u00e1p lu\u1eadt v\u00e0 \u0111i\u1ec1u ki\u1ec7n c\u1ee5 th\u1ec3 c\u1ee7a t\u1ec9nh; nh\u1eb1m thu h\u00fat c\u00e1c doanh nghi\u1ec7p \u0111\u1ea7u t\u01b0 v\u00e0o l\u0129nh v\u1ef1c c\u00f4ng ngh\u1ec7 s\u1ed1; chuy\u1ec3n \u0111\u1ed5i s\u1ed1 c\u00e1c khu c\u00f4ng nghi\u1ec7p theo h\u01b0\u1edbng t\u0103ng c\u01b0\u1eddng \u1ee9ng d\u1ee5ng Internet v\u1ea1n v\u1eadt (IoT) \u0111\u1ec3 h\u00ecnh th\u00e0nh khu c\u00f4ng nghi\u1ec7p chuy\u00ean bi\u1ec7t ph\u00e1t tri\u1ec3n IoT, khu c\u00f4ng nghi\u1ec7p th\u00f4ng minh, khu c\u00f4ng nghi\u1ec7p c\u00f4ng ngh\u1ec7 s\u1ed1 ph\u1ee5c v\u1ee5 ph\u00e1t tri\u1ec3n kinh t\u1ebf s\u1ed1.", "responsible": "Ban Qu\u1ea3n l\u00fd Khu Kinh t\u1ebf Dung Qu\u1ea5t v\u00e0 c\u00e1c KCN Qu\u1ea3ng Ng\u00e3i", "step": "study", "partners": "c\u00e1c s\u1edf ng\u00e0nh c\u00f3 li\u00ean quan", "deadline": null, "deadline_text": "", "id": 1, "key": "D5-1", "document": 5, "document_key": "D5", "document_number": "167/TB-UBND", "day": "2026-11-18", "state": "assigned", "state_on": "2025-04-03", "state_note": "", "verdict": "no-deadline", "days_over": 0, "history": [{"on": "2025-04-03", "state": "assigned", "note": "", "entered_ms": 1795000000000, "entered_by": "system"}]}','');
INSERT INTO "audit" VALUES(66,1795000000000,NULL,'system',2,'task.create','task',2,NULL,'{"text": "R\u00e0 so\u00e1t hi\u1ec7n tr\u1ea1ng (sau s\u00e1p nh\u1eadp t\u1ec9nh)", "responsible": "S\u1edf Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7", "step": "review", "partners": "c\u00e1c doanh nghi\u1ec7p vi\u1ec5n th\u00f4ng; c\u00e1c khu c\u00f4ng nghi\u1ec7p, khu kinh t\u1ebf tr\u00ean \u0111\u1ecba b\u00e0n t\u1ec9nh", "deadline": null, "deadline_text": "", "id": 2, "key": "R3-1", "document": 8, "document_key": "R3", "document_number": "3228/CVT-TT\u0110LCL", "day": "2026-11-18", "state": "in-progress", "state_on": "2025-07-30", "state_note": "", "verdict": "no-deadline", "days_over": 0, "history": [{"on": "2025-07-30", "state": "in-progress", "note": "", "entered_ms": 1795000000000, "entered_by": "system"}]}','');
INSERT INTO "audit" VALUES(67,1795000000000,NULL,'system',2,'task.create','task',3,NULL,'{"text": "X\u00e2y d\u1ef1ng \"K\u1ebf ho\u1ea1ch tri\u1ec3n khai h\u1ea1 t\u1ea7ng 5G v\u00e0 IoT t\u1ea1i c\u00e1c khu c\u00f4ng nghi\u1ec7p, khu kinh t\u1ebf tr\u00ean \u0111\u1ecba b\u00e0n t\u1ec9nh\"", "responsible": "S\u1edf Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7", "step": "build", "partners": "c\u00e1c doanh nghi\u1ec7p vi\u1ec5n th\u00f4ng; c\u00e1c khu c\u00f4ng nghi\u1ec7p, khu kinh t\u1ebf tr\u00ean \u0111\u1ecba b\u00e0n t\u1ec9nh", "deadline": null, "deadline_text": "", "id": 3, "key": "R3-2", "document": 8, "document_key": "R3", "document_number": "3228/CVT-TT\u0110LCL", "day": "2026-11-18", "state": "in-progress", "state_on": "2025-07-30", "state_note": "", "verdict": "no-deadline", "days_over": 0, "history": [{"on": "2025-07-30", "state": "in-progress", "note": "", "entered_ms": 1795000000000, "entered_by": "system"}]}','');
INSERT INTO "audit" VALUES(68,1795000000000,NULL,'system',2,'task.create','task',4,NULL,'{"text": "Tham m\u01b0u \u1ee6y ban nh\u00e2n d\u00e2n t\u1ec9nh", "responsible": "S\u1edf Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7", "step": "submit", "partners": "", "deadline": "2025-08-31", "deadline_text": "d\u1ef1 ki\u1ebfn trong th\u00e1ng 8/2025, b\u1ea3o \u0111\u1ea3m ti\u1ebfn \u0111\u1ed9 theo Ngh\u1ecb quy\u1ebft s\u1ed1 71/NQ-CP", "id": 4, "key": "R3-3", "document": 8, "document_key": "R3", "document_number": "3228/CVT-TT\u0110LCL", "day": "2026-11-18", "state": "planned", "state_on": "2025-07-30", "state_note": "", "verdict": "missed", "days_over": 444, "history": [{"on": "2025-07-30", "state": "planned", "note": "", "entered_ms": 1795000000000, "entered_by": "system"}]}','');
INSERT INTO "audit" VALUES(69,1795000000000,NULL,'system',2,'recommendation.create','recommendation',1,NULL,'{"text": "Ban h\u00e0nh h\u01b0\u1edbng d\u1eabn k\u1ef9 thu\u1eadt, quy chu\u1ea9n qu\u1ed1c gia v\u1ec1 tri\u1ec3n khai m\u1ea1ng 5G t\u1ea1i c\u00e1c khu c\u00f4ng nghi\u1ec7p v\u00e0 khu \u0111\u00f4 th\u1ecb", "to_whom": "C\u1ee5c Vi\u1ec5n th\u00f4ng \u2013 B\u1ed9 Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7", "kinds": ["rule"], "made_on": "2025-07-30", "letter": "L1", "existing": ["QCVN 126:2021/BTTTT", "QCVN 127:2021/BTTTT", "QCVN 128:2021/BTTTT", "QCVN 129:2021/BTTTT"], "existing_mark": "S", "code": "K1", "id": 1, "state": "sent", "answer": "", "answered_on": null}','');
INSERT INTO "audit" VALUES(70,1795000000000,NULL,'system',2,'recommendation.create','recommendation',2,NULL,'{"text": "Ban h\u00e0nh ti\u00eau chu\u1ea9n k\u1ef9 thu\u1eadt qu\u1ed1c gia v\u1ec1 IoT v\u00e0 h\u1ed7 tr\u1ee3 ng\u00e2n s\u00e1ch \u0111\u1ec3 th\u00ed \u0111i\u1ec3m m\u1ed9t s\u1ed1 m\u00f4 h\u00ecnh \u1ee9ng d\u1ee5ng IoT t\u1ea1i t\u1ec9nh Qu\u1ea3ng Ng\u00e3i", "to_whom": "C\u1ee5c Vi\u1ec5n th\u00f4ng \u2013 B\u1ed9 Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7", "kinds": ["rule", "money"], "made_on": "2025-07-30", "letter": "L1", "existing": ["TCVN 13812:2023 (ISO/IEC 20924)"], "existing_mark": "S", "code": "K2", "id": 2, "state": "sent", "answer": "", "answered_on": null}','');
INSERT INTO "audit" VALUES(71,1795000000000,NULL,'system',2,'recommendation.create','recommendation',3,NULL,'{"text": "Gi\u1edbi thi\u1ec7u v\u00e0 k\u00eau g\u1ecdi c\u00e1c doanh nghi\u1ec7p tri\u1ec3n khai gi\u1ea3i ph\u00e1p ph\u00e1t tri\u1ec3n IoT tr\u00ean \u0111\u1ecba b\u00e0n t\u1ec9nh", "to_whom": "C\u1ee5c Vi\u1ec5n th\u00f4ng \u2013 B\u1ed9 Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7", "kinds": ["referral"], "made_on": "2025-07-30", "letter": "L1", "existing": [], "existing_mark": "", "code": "K3", "id": 3, "state": "sent", "answer": "", "answered_on": null}','');
INSERT INTO "audit" VALUES(72,1795000000000,NULL,'system',2,'recommendation.create','recommendation',4,NULL,'{"text": "T\u1ed5 ch\u1ee9c \u0111\u00e0o t\u1ea1o nh\u00e2n l\u1ef1c k\u1ef9 thu\u1eadt ph\u1ee5c v\u1ee5 tri\u1ec3n khai v\u00e0 qu\u1ea3n l\u00fd m\u1ea1ng IoT", "to_whom": "C\u1ee5c Vi\u1ec5n th\u00f4ng \u2013 B\u1ed9 Khoa h\u1ecdc v\u00e0 C\u00f4ng ngh\u1ec7", "kinds": ["training"], "made_on": "2025-07-30", "letter": "L1", "existing": [], "existing_mark": "", "code": "K4", "id": 4, "state": "sent", "answer": "", "answered_on": null}','');
INSERT INTO "audit" VALUES(73,1795000000000,NULL,'system',2,'station.put','station',0,NULL,'{"new": 1, "changed": 0, "same": 0}','');
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
INSERT INTO "counting_rules" VALUES('plain','Đếm trạm đang phát sóng','Stations on air','Mỗi vị trí mà một doanh nghiệp đang phát sóng công nghệ đó là một trạm của doanh nghiệp ấy. Vị trí dùng chung được đếm cho từng doanh nghiệp phát sóng tại đó.','Each site where an operator is on air with the technology is one station of that operator. A shared site counts for every operator on air there.','Quy ước của phần mềm Trạm','','');
INSERT INTO "counting_rules" VALUES('decree-88-2025','Điều kiện hỗ trợ theo Nghị định 88/2025/NĐ-CP','Conditions for support under Decree 88/2025/NĐ-CP','Trạm 5G lắp đặt ngoài trời, tại vị trí mới hoặc vị trí có sẵn, có ít nhất một khối thu phát vô tuyến loại 64T64R, 32T32R, 16T16R, 8T8R hoặc 4T4R; được nghiệm thu từ ngày 19/02/2025 đến ngày 31/12/2025; mỗi trạm chỉ được tính cho một doanh nghiệp.','A 5G station outdoors, on a new or an existing site, with at least one radio unit of the type 64T64R, 32T32R, 16T16R, 8T8R or 4T4R; accepted between 19/02/2025 and 31/12/2025; each station counts for one operator only.','Nghị quyết số 193/2025/QH15, Điều 11; Nghị định số 88/2025/NĐ-CP ngày 13/4/2025 (pbgdpl.gov.vn, kinhtedothi.vn)','S','ND88');
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
INSERT INTO "credentials" VALUES(1,1,'token',X'C1064B8AB0E711850E877D513F187FA9DE190A147736C95165099443DF50FE59','Fp9E',1795000000000,NULL,'',NULL,NULL,NULL);
INSERT INTO "credentials" VALUES(2,2,'token',X'E7FB169B5AF0CC33675280F387922B2B1776EA926847854AA3F8D2B4C9B2926E','3pF4',1795000000000,NULL,'',NULL,NULL,NULL);
INSERT INTO "credentials" VALUES(3,3,'token',X'C4E08D15EECD66E16B3658D21755B1B5EC439A12123CAFDBF0444DBD37EA0B60','m34p',1795000000000,NULL,'',NULL,NULL,NULL);
INSERT INTO "credentials" VALUES(4,4,'token',X'C51DD13F16115CE435ACAD9605A33B6DC9886E9B5C48B2424D4DBE29D4F3EACF','gIWi',1795000000000,NULL,'',NULL,NULL,NULL);
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
INSERT INTO "document_links" VALUES(1,1,'implements',6);
INSERT INTO "document_links" VALUES(2,3,'implements',7);
INSERT INTO "document_links" VALUES(3,3,'implements',1);
INSERT INTO "document_links" VALUES(4,3,'rests-on',6);
INSERT INTO "document_links" VALUES(5,7,'rests-on',6);
INSERT INTO "document_links" VALUES(6,9,'answers',8);
INSERT INTO "document_links" VALUES(7,9,'cites',1);
INSERT INTO "document_links" VALUES(8,9,'cites',2);
INSERT INTO "document_links" VALUES(9,9,'cites',3);
INSERT INTO "document_links" VALUES(10,9,'cites',4);
INSERT INTO "document_links" VALUES(11,9,'cites',5);
INSERT INTO "document_links" VALUES(12,13,'implements',12);
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
INSERT INTO "documents" VALUES(1,'D1','directive','Kế hoạch','359-KH/TU','2025-04-29','Tỉnh ủy Quảng Ngãi',1,'về thực hiện Nghị quyết số 57-NQ/TW ngày 22/12/2024 của Bộ Chính trị về đột phá phát triển khoa học, công nghệ, đổi mới sáng tạo và chuyển đổi số quốc gia','[]','Công văn ngày 30/7/2025 của Sở Khoa học và Công nghệ tỉnh Quảng Ngãi gửi Cục Viễn thông, mục 1','S','',1,'ke hoach 359-kh/tu tinh uy quang ngai ve thuc hien nghi quyet so 57-nq/tw ngay 22/12/2024 cua bo chinh tri ve dot pha phat trien khoa hoc, cong nghe, doi moi sang tao va chuyen doi so quoc gia');
INSERT INTO "documents" VALUES(2,'D2','directive','Kế hoạch','252/KH-UBND','2024-12-31','UBND tỉnh Quảng Ngãi',1,'về Phát triển hạ tầng số','[]','Công văn ngày 30/7/2025 của Sở Khoa học và Công nghệ tỉnh Quảng Ngãi gửi Cục Viễn thông, mục 1','S','Các chỉ tiêu của kế hoạch đọc tại quangngai.gov.vn.',2,'ke hoach 252/kh-ubnd ubnd tinh quang ngai ve phat trien ha tang so');
INSERT INTO "documents" VALUES(3,'D3','directive','Kế hoạch','327/KH-UBND','2025-05-26','UBND tỉnh Quảng Ngãi',1,'về ban hành Kế hoạch hành động thực hiện Nghị quyết số 71/NQ-CP ngày 01/4/2025 của Chính phủ và Kế hoạch số 359-KH/TU ngày 29/4/2025 của Tỉnh ủy Quảng Ngãi về thực hiện Nghị quyết số 57-NQ/TW','[]','Công văn ngày 30/7/2025 của Sở Khoa học và Công nghệ tỉnh Quảng Ngãi gửi Cục Viễn thông, mục 1','S','',3,'ke hoach 327/kh-ubnd ubnd tinh quang ngai ve ban hanh ke hoach hanh dong thuc hien nghi quyet so 71/nq-cp ngay 01/4/2025 cua chinh phu va ke hoach so 359-kh/tu ngay 29/4/2025 cua tinh uy quang ngai ve thuc hien nghi quyet so 57-nq/tw');
INSERT INTO "documents" VALUES(4,'D4','directive','Văn bản','2763/UBND-KGVX','2025-05-12','UBND tỉnh Quảng Ngãi',0,'về đề nghị các doanh nghiệp viễn thông phân bổ chỉ tiêu về phát triển trạm 5G trên địa bàn tỉnh Quảng Ngãi','[]','Công văn ngày 30/7/2025 của Sở Khoa học và Công nghệ tỉnh Quảng Ngãi gửi Cục Viễn thông, mục 1','S','Công văn không nêu cơ quan ban hành: suy từ ký hiệu.',4,'van ban 2763/ubnd-kgvx ubnd tinh quang ngai ve de nghi cac doanh nghiep vien thong phan bo chi tieu ve phat trien tram 5g tren dia ban tinh quang ngai');
INSERT INTO "documents" VALUES(5,'D5','directive','Thông báo','167/TB-UBND','2025-04-03','UBND tỉnh Quảng Ngãi',0,'về Kết luận của Phó Chủ tịch Thường trực UBND tỉnh tại buổi làm việc với Sở Khoa học và Công nghệ về triển khai nhiệm vụ trọng tâm năm 2025','[]','Công văn ngày 30/7/2025 của Sở Khoa học và Công nghệ tỉnh Quảng Ngãi gửi Cục Viễn thông, mục 1','S','Công văn không nêu cơ quan ban hành: suy từ ký hiệu.',5,'thong bao 167/tb-ubnd ubnd tinh quang ngai ve ket luan cua pho chu tich thuong truc ubnd tinh tai buoi lam viec voi so khoa hoc va cong nghe ve trien khai nhiem vu trong tam nam 2025');
INSERT INTO "documents" VALUES(6,'R1','basis','Nghị quyết','57-NQ/TW','2024-12-22','Bộ Chính trị',1,'về đột phá phát triển khoa học, công nghệ, đổi mới sáng tạo và chuyển đổi số quốc gia','[]','Công văn ngày 30/7/2025 của Sở Khoa học và Công nghệ tỉnh Quảng Ngãi gửi Cục Viễn thông, mục 1','S','',6,'nghi quyet 57-nq/tw bo chinh tri ve dot pha phat trien khoa hoc, cong nghe, doi moi sang tao va chuyen doi so quoc gia');
INSERT INTO "documents" VALUES(7,'R2','basis','Nghị quyết','71/NQ-CP','2025-04-01','Chính phủ',1,'','[]','Công văn ngày 30/7/2025 của Sở Khoa học và Công nghệ tỉnh Quảng Ngãi gửi Cục Viễn thông, mục 1','S','Công văn không nêu trích yếu. Theo hethongphapluat.com và nhansu.vn, nghị quyết sửa đổi chương trình hành động của Chính phủ thực hiện Nghị quyết số 57-NQ/TW.',7,'nghi quyet 71/nq-cp chinh phu');
INSERT INTO "documents" VALUES(8,'R3','request','Công văn','3228/CVT-TTĐLCL','2025-07-22','Cục Viễn thông',1,'về việc xây dựng, ban hành kế hoạch và triển khai hạ tầng 5G, IoT trong các khu công nghiệp, cụm công nghiệp','["build", "issue", "carry-out"]','Công văn ngày 30/7/2025 của Sở Khoa học và Công nghệ tỉnh Quảng Ngãi gửi Cục Viễn thông, phần mở đầu','S','',8,'cong van 3228/cvt-ttdlcl cuc vien thong ve viec xay dung, ban hanh ke hoach va trien khai ha tang 5g, iot trong cac khu cong nghiep, cum cong nghiep');
INSERT INTO "documents" VALUES(9,'L1','letter','Công văn','','2025-07-30','Sở Khoa học và Công nghệ tỉnh Quảng Ngãi',1,'kết quả thực hiện nhiệm vụ triển khai hạ tầng 5G, IoT trong các khu công nghiệp, cụm công nghiệp trên địa bàn tỉnh Quảng Ngãi','[]','Bản trích của công văn','S','Bản trích không có số, ký hiệu.',0,'cong van so khoa hoc va cong nghe tinh quang ngai ket qua thuc hien nhiem vu trien khai ha tang 5g, iot trong cac khu cong nghiep, cum cong nghiep tren dia ban tinh quang ngai');
INSERT INTO "documents" VALUES(10,'QD912','rule','Quyết định','912/QĐ-BKHCN','2025-05-18','Bộ Khoa học và Công nghệ',1,'Kế hoạch phát triển hạ tầng số 2025–2030','[]','vjst.vn','S','',0,'quyet dinh 912/qd-bkhcn bo khoa hoc va cong nghe ke hoach phat trien ha tang so 2025–2030');
INSERT INTO "documents" VALUES(11,'QD1132','rule','Quyết định','1132/QĐ-TTg','2024-10-09','Thủ tướng Chính phủ',1,'Chiến lược hạ tầng số','[]','Bản tin thuvienphapluat','S','',0,'quyet dinh 1132/qd-ttg thu tuong chinh phu chien luoc ha tang so');
INSERT INTO "documents" VALUES(12,'NQ193','rule','Nghị quyết','193/2025/QH15',NULL,'Quốc hội',1,'','[]','pbgdpl.gov.vn, kinhtedothi.vn','S','Điều 11: hỗ trợ phát triển trạm 5G.',0,'nghi quyet 193/2025/qh15 quoc hoi');
INSERT INTO "documents" VALUES(13,'ND88','rule','Nghị định','88/2025/NĐ-CP','2025-04-13','Chính phủ',1,'','[]','pbgdpl.gov.vn, kinhtedothi.vn','S','Điều kiện đếm trạm 5G được hỗ trợ.',0,'nghi dinh 88/2025/nd-cp chinh phu');
INSERT INTO "documents" VALUES(14,'NQ202','rule','Nghị quyết','202/2025/QH15','2025-06-12','Quốc hội',1,'','[]','sotuphap.kontum.gov.vn','S','Sắp xếp tỉnh Kon Tum và tỉnh Quảng Ngãi, hoạt động từ ngày 01/7/2025.',0,'nghi quyet 202/2025/qh15 quoc hoi');
INSERT INTO "documents" VALUES(15,'ND30','rule','Nghị định','30/2020/NĐ-CP',NULL,'Chính phủ',1,'','[]','Phụ lục I (toàn văn)','S','Thể thức và kỹ thuật trình bày văn bản hành chính.',0,'nghi dinh 30/2020/nd-cp chinh phu');
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
	revoked_ms INTEGER, 
	CONSTRAINT pk_grants PRIMARY KEY (id), 
	CONSTRAINT fk_grants_device_id FOREIGN KEY(device_id) REFERENCES devices (id), 
	CONSTRAINT fk_grants_from_org FOREIGN KEY(from_org) REFERENCES organisations (id), 
	CONSTRAINT fk_grants_to_org FOREIGN KEY(to_org) REFERENCES organisations (id)
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
INSERT INTO "official_counts" VALUES(1,1,'4G','province',813,'2025-07-30','as reported on','Công văn ngày 30/7/2025 của Sở Khoa học và Công nghệ tỉnh Quảng Ngãi gửi Cục Viễn thông, mục 2a, bảng số trạm BTS','S','L1','Bảng không ghi ngày chốt số liệu: lấy ngày của văn bản. Không rõ số liệu của 56 hay 96 đơn vị cấp xã; không nêu cách đếm trạm.',1795000000000,NULL,'system',NULL);
INSERT INTO "official_counts" VALUES(2,1,'5G','province',4,'2025-07-30','as reported on','Công văn ngày 30/7/2025 của Sở Khoa học và Công nghệ tỉnh Quảng Ngãi gửi Cục Viễn thông, mục 2a, bảng số trạm BTS','S','L1','Bảng không ghi ngày chốt số liệu: lấy ngày của văn bản. Không rõ số liệu của 56 hay 96 đơn vị cấp xã; không nêu cách đếm trạm.',1795000000000,NULL,'system',NULL);
INSERT INTO "official_counts" VALUES(3,2,'4G','province',826,'2025-07-30','as reported on','Công văn ngày 30/7/2025 của Sở Khoa học và Công nghệ tỉnh Quảng Ngãi gửi Cục Viễn thông, mục 2a, bảng số trạm BTS','S','L1','Bảng không ghi ngày chốt số liệu: lấy ngày của văn bản. Không rõ số liệu của 56 hay 96 đơn vị cấp xã; không nêu cách đếm trạm.',1795000000000,NULL,'system',NULL);
INSERT INTO "official_counts" VALUES(4,2,'5G','province',19,'2025-07-30','as reported on','Công văn ngày 30/7/2025 của Sở Khoa học và Công nghệ tỉnh Quảng Ngãi gửi Cục Viễn thông, mục 2a, bảng số trạm BTS','S','L1','Bảng không ghi ngày chốt số liệu: lấy ngày của văn bản. Không rõ số liệu của 56 hay 96 đơn vị cấp xã; không nêu cách đếm trạm.',1795000000000,NULL,'system',NULL);
INSERT INTO "official_counts" VALUES(5,3,'4G','province',996,'2025-07-30','as reported on','Công văn ngày 30/7/2025 của Sở Khoa học và Công nghệ tỉnh Quảng Ngãi gửi Cục Viễn thông, mục 2a, bảng số trạm BTS','S','L1','Bảng không ghi ngày chốt số liệu: lấy ngày của văn bản. Không rõ số liệu của 56 hay 96 đơn vị cấp xã; không nêu cách đếm trạm.',1795000000000,NULL,'system',NULL);
INSERT INTO "official_counts" VALUES(6,3,'5G','province',92,'2025-07-30','as reported on','Công văn ngày 30/7/2025 của Sở Khoa học và Công nghệ tỉnh Quảng Ngãi gửi Cục Viễn thông, mục 2a, bảng số trạm BTS','S','L1','Bảng không ghi ngày chốt số liệu: lấy ngày của văn bản. Không rõ số liệu của 56 hay 96 đơn vị cấp xã; không nêu cách đếm trạm.',1795000000000,NULL,'system',NULL);
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
INSERT INTO "operators" VALUES(1,'MOBIFONE','MobiFone',1,NULL);
INSERT INTO "operators" VALUES(2,'VNPT','VNPT',2,NULL);
INSERT INTO "operators" VALUES(3,'VIETTEL','Viettel',3,NULL);
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
INSERT INTO "outbox" VALUES(12,'credential.put','{"kind":"credential.put","digest":"wQZLirDnEYUOh31RPxh/qd4ZChR3NslRZQmUQ99Q/lk=","device":1,"org":9,"profile":2}');
INSERT INTO "outbox" VALUES(13,'device.put','{"kind":"device.put","device":2,"org":10,"zone":null,"sector":"environment","profile":2}');
INSERT INTO "outbox" VALUES(14,'credential.put','{"kind":"credential.put","digest":"5/sWm1rwzDNnUoDzh5IrKxd26pJoR4VKo/jStMmykm4=","device":2,"org":10,"profile":2}');
INSERT INTO "outbox" VALUES(15,'org.put','{"kind":"org.put","org":11,"ancestors":[11,1]}');
INSERT INTO "outbox" VALUES(16,'org.put','{"kind":"org.put","org":12,"ancestors":[12,11,1]}');
INSERT INTO "outbox" VALUES(17,'device.put','{"kind":"device.put","device":3,"org":11,"zone":null,"sector":"environment","profile":2}');
INSERT INTO "outbox" VALUES(18,'credential.put','{"kind":"credential.put","digest":"xOCNFe7NZuFrNljSF1WxtexDmhISPK/b8ERNvTfqC2A=","device":3,"org":11,"profile":2}');
INSERT INTO "outbox" VALUES(19,'device.put','{"kind":"device.put","device":4,"org":12,"zone":null,"sector":"environment","profile":2}');
INSERT INTO "outbox" VALUES(20,'credential.put','{"kind":"credential.put","digest":"xR3RPxYRXOQ1rK2WBaM7bcmIbptcSLJCTU2+KdTz6s8=","device":4,"org":12,"profile":2}');
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
INSERT INTO "people" VALUES(1,9,'nguoi-đỏ','Người Đỏ','nguoi do nguoi-do','$argon2id$v=19$m=65536,t=3,p=4$a7YYcgpqbWgL2qKymt+nyA$1Gp/Bny3QMRn/5RMXzjlgg4wxucbPp6Vit3/o++9bww','vi','auto',0);
INSERT INTO "people" VALUES(2,11,'nguoi-xanh','Người Xanh','nguoi xanh nguoi-xanh','$argon2id$v=19$m=65536,t=3,p=4$i5T31UUvrdBvhpdlxS3qyg$tN8DzgGHYjF3Dw2NGaRz/85t5AV9I7d7UhlzIGSfzdk','vi','auto',0);
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
INSERT INTO "places" VALUES(1,'','','','',NULL,108.8,15.12,1);
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
INSERT INTO "recommendations" VALUES(1,'K1','Ban hành hướng dẫn kỹ thuật, quy chuẩn quốc gia về triển khai mạng 5G tại các khu công nghiệp và khu đô thị','Cục Viễn thông – Bộ Khoa học và Công nghệ','["rule"]','2025-07-30','L1','',NULL,0,'["QCVN 126:2021/BTTTT", "QCVN 127:2021/BTTTT", "QCVN 128:2021/BTTTT", "QCVN 129:2021/BTTTT"]','S');
INSERT INTO "recommendations" VALUES(2,'K2','Ban hành tiêu chuẩn kỹ thuật quốc gia về IoT và hỗ trợ ngân sách để thí điểm một số mô hình ứng dụng IoT tại tỉnh Quảng Ngãi','Cục Viễn thông – Bộ Khoa học và Công nghệ','["rule", "money"]','2025-07-30','L1','',NULL,0,'["TCVN 13812:2023 (ISO/IEC 20924)"]','S');
INSERT INTO "recommendations" VALUES(3,'K3','Giới thiệu và kêu gọi các doanh nghiệp triển khai giải pháp phát triển IoT trên địa bàn tỉnh','Cục Viễn thông – Bộ Khoa học và Công nghệ','["referral"]','2025-07-30','L1','',NULL,0,'[]','');
INSERT INTO "recommendations" VALUES(4,'K4','Tổ chức đào tạo nhân lực kỹ thuật phục vụ triển khai và quản lý mạng IoT','Cục Viễn thông – Bộ Khoa học và Công nghệ','["training"]','2025-07-30','L1','',NULL,0,'[]','');
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
INSERT INTO "roles" VALUES('system-admin','Quản trị hệ thống','System administrator','["audit.read", "device.credential", "device.read", "device.write", "grant.write", "job.read", "job.write", "ops.read", "org.read", "org.write", "person.read", "person.write", "zone.read", "inventory.read", "inventory.write", "directive.read", "directive.write", "report.read", "report.write"]');
INSERT INTO "roles" VALUES('ict-officer','Chuyên viên Bưu chính, Viễn thông và CĐS (Sở KH&CN)','Post, telecom and digital officer','["device.read", "zone.read", "org.read", "device.write", "device.credential", "grant.write", "org.write", "person.read", "person.write", "audit.read", "job.read", "job.write", "ops.read", "inventory.read", "inventory.write", "directive.read", "directive.write", "report.read", "report.write"]');
INSERT INTO "roles" VALUES('department-leader','Lãnh đạo Sở','Department leader','["device.read", "zone.read", "org.read", "person.read", "audit.read", "job.read", "inventory.read", "directive.read", "report.read"]');
INSERT INTO "roles" VALUES('province-viewer','UBND tỉnh','Provincial people''s committee','["device.read", "zone.read", "org.read", "inventory.read", "directive.read", "report.read"]');
INSERT INTO "roles" VALUES('zone-authority','Ban quản lý KKT và các KCN','Zone authority','["device.read", "zone.read", "org.read", "device.write", "device.credential", "grant.write", "person.read", "audit.read", "job.read", "job.write", "inventory.read", "directive.read"]');
INSERT INTO "roles" VALUES('environment-officer','Chuyên viên Sở NN&MT','Environment and agriculture officer','["device.read", "zone.read", "org.read", "device.write", "device.credential", "grant.write", "job.read", "job.write", "inventory.read", "directive.read"]');
INSERT INTO "roles" VALUES('industry-officer','Chuyên viên Sở Công Thương','Industry and energy officer','["device.read", "zone.read", "org.read", "device.write", "device.credential", "grant.write", "job.read", "job.write", "inventory.read", "directive.read"]');
INSERT INTO "roles" VALUES('traffic-officer','Chuyên viên Sở Xây dựng','Traffic officer','["device.read", "zone.read", "org.read", "device.write", "device.credential", "grant.write", "job.read", "job.write", "inventory.read", "directive.read"]');
INSERT INTO "roles" VALUES('security-officer','Công an tỉnh','Provincial police officer','["device.read", "zone.read", "org.read", "audit.read", "inventory.read", "directive.read"]');
INSERT INTO "roles" VALUES('labour-officer','Chuyên viên Sở Nội vụ','Labour officer','["device.read", "zone.read", "org.read", "inventory.read", "directive.read"]');
INSERT INTO "roles" VALUES('commune-officer','UBND xã, phường, đặc khu','Commune officer','["device.read", "zone.read", "org.read", "inventory.read", "directive.read"]');
INSERT INTO "roles" VALUES('operator-planner','Doanh nghiệp viễn thông','Telecom operator''s planner','["device.read", "zone.read", "org.read", "job.read", "job.write", "inventory.read", "inventory.write", "directive.read"]');
INSERT INTO "roles" VALUES('park-developer','Chủ đầu tư hạ tầng khu công nghiệp','Park developer','["device.read", "zone.read", "org.read", "device.write", "device.credential", "grant.write", "job.read", "inventory.read"]');
INSERT INTO "roles" VALUES('enterprise','Doanh nghiệp','Enterprise','["device.read", "zone.read", "org.read", "device.write", "device.credential", "grant.write", "person.read", "person.write", "audit.read", "job.read", "job.write"]');
INSERT INTO "roles" VALUES('cooperative','Hợp tác xã','Cooperative','["device.read", "zone.read", "org.read", "device.write", "device.credential", "grant.write", "person.read", "job.read", "job.write"]');
INSERT INTO "roles" VALUES('telecom-authority','Cục Viễn thông','Telecom authority','["zone.read", "org.read", "inventory.read", "directive.read"]');
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
INSERT INTO "station_changes" VALUES(1,1,NULL,1795000000000,NULL,'system',NULL,'{"operator": 1, "technology": "5G", "code": "QNI001", "lon": 108.8, "lat": 15.12, "life": [{"since": "2025-05-01", "state": "on-air"}], "name": "Tr\u1ea1m D\u1ed1c S\u1ecfi", "synthetic": true, "sectors": [{"code": "1", "azimuth_deg": 0, "tilt_deg": null, "height_m": null, "eirp_dbm": null, "antenna": "", "carrier_mhz": null, "bandwidth_mhz": null}]}');
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
INSERT INTO "station_sectors" VALUES(1,1,'1',0.0,NULL,NULL,NULL,'',NULL,NULL);
CREATE TABLE station_states (
	station_id INTEGER NOT NULL, 
	since DATE NOT NULL, 
	state VARCHAR(12) NOT NULL, 
	CONSTRAINT fk_station_states_station_id FOREIGN KEY(station_id) REFERENCES stations (id)
);
INSERT INTO "station_states" VALUES(1,'2025-05-01','on-air');
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
INSERT INTO "stations" VALUES(1,1,'5G','QNI001',1,'Trạm Dốc Sỏi','tram doc soi qni001','on-air','2025-05-01','',0,'',NULL,108.8,15.12,'','','','','','','','',NULL,'',1,NULL);
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
INSERT INTO "targets" VALUES(1,'5g-4g-2025','Số trạm 5G phát sóng so với số trạm 4G','5G stations on air against 4G stations','ratio_5g_4g','province','percent','50','moving',NULL,NULL,0,'Văn bản không nói lấy số trạm 4G của ngày nào; ở đây lấy số của ngày được hỏi.','2025-12-31','Quyết định số 912/QĐ-BKHCN ngày 18/5/2025 của Bộ Khoa học và Công nghệ, Kế hoạch phát triển hạ tầng số 2025–2030 (vjst.vn)','S','QD912','số trạm 5G phát sóng trong năm 2025 đạt tối thiểu 50% so với số lượng trạm 4G đã phát sóng','','Công văn ngày 30/7/2025 dùng đúng câu này nhưng không dẫn nguồn.',NULL);
INSERT INTO "targets" VALUES(2,'zones-5g-2025','KKT, KCN, CCN có 5G','Economic zones, industrial parks and clusters with 5G','share_with_5g','province','percent','100','given',NULL,NULL,0,'Văn bản không kèm danh sách khu, cụm.','2025-12-31','Kế hoạch số 252/KH-UBND ngày 31/12/2024 của UBND tỉnh Quảng Ngãi về Phát triển hạ tầng số (quangngai.gov.vn)','S','D2','','','Kế hoạch của tỉnh trước sắp xếp ngày 01/7/2025: chưa rõ có áp dụng cho toàn bộ 96 đơn vị cấp xã hay không.',NULL);
INSERT INTO "targets" VALUES(3,'monitoring-points-5g-2025','Điểm đặt thiết bị giám sát có 5G','Points with monitoring equipment that have 5G','share_with_5g','province','percent','100','given',NULL,NULL,0,'Văn bản không kèm danh sách điểm.','2025-12-31','Kế hoạch số 252/KH-UBND ngày 31/12/2024 của UBND tỉnh Quảng Ngãi về Phát triển hạ tầng số (quangngai.gov.vn)','S','D2','','','Kế hoạch của tỉnh trước sắp xếp ngày 01/7/2025: chưa rõ có áp dụng cho toàn bộ 96 đơn vị cấp xã hay không.',NULL);
INSERT INTO "targets" VALUES(4,'iot-per-inhabitant-2025','Kết nối IoT trên mỗi người dân','IoT connections per inhabitant','iot_per_inhabitant','province','ratio','1','given',NULL,2161755,0,'Dân số tỉnh sau sắp xếp theo Nghị quyết số 202/2025/QH15 ngày 12/6/2025 (sotuphap.kontum.gov.vn); kế hoạch ban hành trước đó.','2025-12-31','Kế hoạch số 252/KH-UBND ngày 31/12/2024 của UBND tỉnh Quảng Ngãi về Phát triển hạ tầng số (quangngai.gov.vn)','S','D2','','','Kế hoạch của tỉnh trước sắp xếp ngày 01/7/2025: chưa rõ có áp dụng cho toàn bộ 96 đơn vị cấp xã hay không.',NULL);
INSERT INTO "targets" VALUES(5,'parks-5g-national-2025','Khu công nghiệp có 5G (Chiến lược hạ tầng số quốc gia)','Industrial parks with 5G (national digital infrastructure strategy)','share_with_5g','province','percent','100','given',NULL,NULL,0,'','2025-12-31','Quyết định số 1132/QĐ-TTg ngày 09/10/2024 của Thủ tướng Chính phủ, Chiến lược hạ tầng số (bản tin thuvienphapluat)','S','QD1132','','','',NULL);
INSERT INTO "targets" VALUES(6,'population-5g-2030','Dân số được phủ sóng 5G','Population covered by 5G','population_with_5g','province','percent','99','given',NULL,2161755,0,'Dân số tỉnh sau sắp xếp theo Nghị quyết số 202/2025/QH15 ngày 12/6/2025 (sotuphap.kontum.gov.vn).','2030-12-31','Kế hoạch số 252/KH-UBND ngày 31/12/2024 của UBND tỉnh Quảng Ngãi về Phát triển hạ tầng số (quangngai.gov.vn)','S','D2','','','Kế hoạch của tỉnh trước sắp xếp ngày 01/7/2025: chưa rõ có áp dụng cho toàn bộ 96 đơn vị cấp xã hay không.',NULL);
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
INSERT INTO "task_events" VALUES(1,1,'2025-04-03','assigned','',1795000000000,NULL,'system');
INSERT INTO "task_events" VALUES(2,2,'2025-07-30','in-progress','',1795000000000,NULL,'system');
INSERT INTO "task_events" VALUES(3,3,'2025-07-30','in-progress','',1795000000000,NULL,'system');
INSERT INTO "task_events" VALUES(4,4,'2025-07-30','planned','',1795000000000,NULL,'system');
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
INSERT INTO "tasks" VALUES(1,'D5-1',5,'study','Chủ động nghiên cứu, học tập kinh nghiệm từ các địa phương; trên cơ sở đó, tổng hợp, phân tích, đánh giá các chính sách ưu đãi, hỗ trợ của các địa phương này để đề xuất cơ chế chính sách hỗ trợ phù hợp với quy định của pháp luật và điều kiện cụ thể của tỉnh; nhằm thu hút các doanh nghiệp đầu tư vào lĩnh vực công nghệ số; chuyển đổi số các khu công nghiệp theo hướng tăng cường ứng dụng Internet vạn vật (IoT) để hình thành khu công nghiệp chuyên biệt phát triển IoT, khu công nghiệp thông minh, khu công nghiệp công nghệ số phục vụ phát triển kinh tế số.','Ban Quản lý Khu Kinh tế Dung Quất và các KCN Quảng Ngãi','các sở ngành có liên quan',NULL,'');
INSERT INTO "tasks" VALUES(2,'R3-1',8,'review','Rà soát hiện trạng (sau sáp nhập tỉnh)','Sở Khoa học và Công nghệ','các doanh nghiệp viễn thông; các khu công nghiệp, khu kinh tế trên địa bàn tỉnh',NULL,'');
INSERT INTO "tasks" VALUES(3,'R3-2',8,'build','Xây dựng "Kế hoạch triển khai hạ tầng 5G và IoT tại các khu công nghiệp, khu kinh tế trên địa bàn tỉnh"','Sở Khoa học và Công nghệ','các doanh nghiệp viễn thông; các khu công nghiệp, khu kinh tế trên địa bàn tỉnh',NULL,'');
INSERT INTO "tasks" VALUES(4,'R3-3',8,'submit','Tham mưu Ủy ban nhân dân tỉnh','Sở Khoa học và Công nghệ','','2025-08-31','dự kiến trong tháng 8/2025, bảo đảm tiến độ theo Nghị quyết số 71/NQ-CP');
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
CREATE UNIQUE INDEX uq_devices_code ON devices (org_id, code) WHERE removed_ms IS NULL AND code <> '';
CREATE INDEX ix_devices_place ON devices (org_id, sector, zone_id) WHERE removed_ms IS NULL;
CREATE INDEX ix_devices_folded ON devices (folded, id) WHERE removed_ms IS NULL;
CREATE INDEX ix_assignments_org_id ON assignments (org_id);
CREATE INDEX ix_assignments_person_id ON assignments (person_id);
CREATE INDEX ix_sessions_person_id ON sessions (person_id);
CREATE INDEX ix_sessions_expires_ms ON sessions (expires_ms);
CREATE INDEX ix_credentials_device_id ON credentials (device_id);
CREATE INDEX ix_grants_device_id ON grants (device_id);
CREATE INDEX ix_grants_to_org_until_ms ON grants (to_org, until_ms);
CREATE INDEX ix_audit_noun_noun_id ON audit (noun, noun_id);
CREATE INDEX ix_audit_org_id_id ON audit (org_id, id);
CREATE INDEX ix_jobs_org_id_id ON jobs (org_id, id);
CREATE INDEX ix_report_texts_letter_block_id ON report_texts (letter, block, id);
CREATE INDEX ix_report_versions_as_of_id ON report_versions (as_of, id);
CREATE INDEX ix_document_links_to_id ON document_links (to_id);
CREATE INDEX ix_tasks_document_id ON tasks (document_id);
CREATE INDEX ix_official_counts_operator_id_technology_as_of ON official_counts (operator_id, technology, as_of);
CREATE INDEX ix_task_events_task_id_on ON task_events (task_id, "on");
CREATE UNIQUE INDEX ix_geo_features_layer_code ON geo_features (layer, code);
CREATE INDEX ix_places_code ON places (code);
CREATE INDEX ix_places_lon_lat ON places (lon, lat);
CREATE INDEX ix_station_imports_org_id_id ON station_imports (org_id, id);
CREATE INDEX ix_stations_place_id ON stations (place_id);
CREATE INDEX ix_stations_commune ON stations (commune);
CREATE INDEX ix_stations_folded_id ON stations (folded, id);
CREATE UNIQUE INDEX ix_stations_operator_id_technology_code ON stations (operator_id, technology, code);
CREATE INDEX ix_stations_lon_lat ON stations (lon, lat);
CREATE INDEX ix_survey_replies_round_id_operator_id_zone_id ON survey_replies (round_id, operator_id, zone_id);
CREATE INDEX ix_station_changes_import_id_id ON station_changes (import_id, id);
CREATE INDEX ix_station_changes_station_id_id ON station_changes (station_id, id);
CREATE UNIQUE INDEX ix_station_sectors_station_id_code ON station_sectors (station_id, code);
CREATE UNIQUE INDEX ix_station_states_station_id_since ON station_states (station_id, since);
CREATE INDEX ix_station_zones_station_id ON station_zones (station_id);
CREATE INDEX ix_survey_events_reply_id_id ON survey_events (reply_id, id);
CREATE INDEX ix_credentials_enrolment_id ON credentials (enrolment_id);
CREATE INDEX ix_credentials_until_ms ON credentials (until_ms) WHERE until_ms IS NOT NULL AND revoked_ms IS NULL;
CREATE INDEX ix_enrolments_org_id ON enrolments (org_id);
COMMIT;
