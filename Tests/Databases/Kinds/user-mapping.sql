\ir roles.psql
CREATE FOREIGN DATA WRAPPER bare;
CREATE SERVER "odd Server" FOREIGN DATA WRAPPER bare;
ALTER SERVER "odd Server" OWNER TO sample_owner;
CREATE USER MAPPING FOR "sample reader" SERVER "odd Server" OPTIONS ("user" 'x', password 'it''s \ secret');
CREATE USER MAPPING FOR PUBLIC SERVER "odd Server" OPTIONS ("user" 'anybody');
CREATE USER MAPPING FOR sample_owner SERVER "odd Server";
