# Run once by the MariaDB image, when its volume is new: the user of docs/database-users.md.
docker_process_sql <<SQL
CREATE USER 'vestibule'@'%' IDENTIFIED BY '${VESTIBULE_DATABASE_PASSWORD//\'/\'\'}';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES ON \`vestibule\\_%\`.* TO 'vestibule'@'%';
SQL
