import { readErrorText } from "../base/error.ts";
import { type AbsolutePath, printable } from "../base/path.ts";
import { DeclarationLog, type Declarations } from "./declarations.ts";
