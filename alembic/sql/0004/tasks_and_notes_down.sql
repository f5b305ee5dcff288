ALTER TABLE notes
    DROP COLUMN project_id,
    DROP COLUMN entry_key,
    DROP COLUMN sitting;
DROP INDEX ix_notes_of_type;
DROP INDEX ix_notes_pinned;

DROP INDEX ix_tasks_of_project;
DROP INDEX ix_tasks_open;
DROP INDEX ix_tasks_done;
ALTER TABLE tasks
    DROP COLUMN occurs_on,
    DROP COLUMN section;
CREATE INDEX ix_tasks_user_id_project_id ON tasks (user_id, project_id);
CREATE INDEX ix_tasks_user_id_series_id ON tasks (user_id, series_id);

ALTER TABLE projects
    DROP COLUMN description,
    DROP COLUMN due_on,
    DROP COLUMN sections;
