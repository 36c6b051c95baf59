// SPDX-License-Identifier: GPL-3.0-or-later
// A job type for Flamenco: a batch of Mien, a task for each of its jobs.
//
// Put this file into the folder `scripts` beside flamenco-manager; docs/batch.md says the rest.

const JOB_TYPE = {
    label: "Mien Batch",
    description: "Capture clips into animated faces, a task for each job of a Mien jobs file",
    settings: [
        {
            key: "jobs_file", type: "string", subtype: "file_path", required: true,
            description: "Jobs file (.toml or .csv) where every worker sees it",
        },
        {
            key: "names", type: "string", required: true,
            description: "Names of the jobs, a space between, as `mien batch JOBS --list` prints them",
        },
        {
            key: "blender", type: "string", default: "{blender}", visible: "submission",
            description: "Blender on the workers, with Mien enabled",
        },
    ],
};

function compileJob(job) {
    const settings = job.settings;
    const names = settings.names.split(/\s+/).filter(function (name) { return name.length > 0; });
    if (names.length === 0) {
        throw "There are no names of jobs; `mien batch JOBS --list` prints them.";
    }
    print("Mien batch of", names.length, "jobs");
    for (const name of names) {
        const task = author.Task(name, "blender");
        task.addCommand(author.Command("exec", {
            exe: settings.blender,
            args: ["-b", "--command", "mien", "batch", settings.jobs_file, "--only", name],
        }));
        job.addTask(task);
    }
}
