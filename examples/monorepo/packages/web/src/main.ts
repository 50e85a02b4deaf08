import { parseTask } from "@example/core";
import "@example/tokens/tokens.css";
import { progress } from "@example/utils";
import "./style.css";

const tasks = ["[x] read the plan", "[ ] write the test 45m", "[ ] make it pass 20m"].map(parseTask);
const paragraph = document.querySelector("#progress");
if (paragraph) paragraph.textContent = progress(tasks);
