// SPDX-License-Identifier: GPL-3.0-or-later
// Stands in for Flamenco's manager: runs a job compiler script and prints the tasks that it makes.
// Usage: node flamenco_stub.js SCRIPT SETTINGS-AS-JSON
const fs = require("fs");
const vm = require("vm");

const [script, settings] = process.argv.slice(2);
const printed = [];
const tasks = [];
const author = {
    Task(name, type) {
        if (typeof name !== "string" || typeof type !== "string") throw "Task(name, type)";
        const task = { name, type, commands: [] };
        task.addCommand = (command) => task.commands.push(command);
        task.addDependency = () => { throw "no task of a batch waits for another"; };
        return task;
    },
    Command(name, parameters) { return { name, parameters }; },
};
const sandbox = vm.createContext({
    author,
    print: (...words) => printed.push(words.join(" ")),
});
vm.runInContext(fs.readFileSync(script, "utf8"), sandbox);
const job_type = vm.runInContext("JOB_TYPE", sandbox);
const given = JSON.parse(settings);
for (const setting of job_type.settings) {
    if (!(setting.key in given) && "default" in setting) given[setting.key] = setting.default;
    if (setting.required && !(setting.key in given)) throw `setting ${setting.key} is missing`;
}
sandbox.job = { name: "test", settings: given, addTask: (task) => tasks.push(task) };
try {
    vm.runInContext("compileJob(job)", sandbox);
} catch (error) {
    console.error(error);
    process.exit(1);
}
console.log(JSON.stringify({ job_type, tasks, printed }));
