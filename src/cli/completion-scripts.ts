import type { Shell } from "./shells.ts";

/** A script that makes a shell ask `vt complete` when Tab is pressed. */
export function completionScript(shell: Shell): string {
  return scripts[shell];
}

/*
 * Each hands over all words up to the cursor, with `=` in front of the last one, and offers what comes
 * back: a candidate and a few words about it, with a tab between them. Where nothing comes back the
 * shell offers files.
 */
const scripts: Readonly<Record<Shell, string>> = {
  // readline replaces only what it takes for the word, which may begin at a `:` or a `=`: `$2`.
  bash: `_vt() {
  local line=\${COMP_LINE:0:COMP_POINT} words candidate broken
  read -r -a words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  local last=$((\${#words[@]} - 1))
  local current=\${words[last]}
  words[last]="=$current"
  broken=\${current%"$2"}
  # vtr is vt run.
  [[ \${words[0]} == *vtr ]] && words=("\${words[0]%r}" run "\${words[@]:1}")
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate _; do
    COMPREPLY+=("\${candidate#"$broken"}")
  done < <("\${words[0]}" complete "\${words[@]:1}" 2>/dev/null)
}
complete -o default -F _vt vt vtr
`,
  zsh: `#compdef vt vtr
_vt() {
  local line value about program=\${words[1]}
  local -a given candidates
  given=("\${(@)words[2,CURRENT]}")
  given[-1]="=\${PREFIX}"
  # vtr is vt run.
  [[ $program == *vtr ]] && { program=\${program%r}; given=(run "\${(@)given}") }
  for line in "\${(@f)$("$program" complete "\${given[@]}" 2>/dev/null)}"; do
    [[ -z $line ]] && continue
    value=\${line%%$'\\t'*}
    about=\${line#*$'\\t'}
    candidates+=("\${value//:/\\\\:}\${about:+:$about}")
  done
  if (( \${#candidates} )); then
    _describe -V 'vt' candidates
  else
    _files
  fi
}
(( $+functions[compdef] )) && compdef _vt vt vtr
`,
  fish: `function __vt_complete
    set -l words (commandline -opc)
    # vtr is vt run.
    string match -q -- '*vtr' $words[1]; and set words (string replace -r 'r$' '' -- $words[1]) run $words[2..-1]
    set -g __vt_candidates ($words[1] complete $words[2..-1] "="(commandline -ct) 2>/dev/null)
    test (count $__vt_candidates) -gt 0
end
complete -c vt -c vtr -k -f -n __vt_complete -a '$__vt_candidates'
`,
  powershell: `Register-ArgumentCompleter -Native -CommandName vt, vtr -ScriptBlock {
  param($current, $ast, $cursor)
  $words = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor -or $current -eq '' } | ForEach-Object { $_.ToString() })
  $program = $words[0]
  $before = @($words | Select-Object -Skip 1)
  # vtr is vt run.
  if ($program -match 'vtr$') { $program = $program -replace 'r$', ''; $before = @('run') + $before }
  & $program complete @before "=$current" 2>$null | ForEach-Object {
    $candidate, $about = $_ -split "\`t", 2
    if (-not $about) { $about = $candidate }
    # Unquoted, @ in front would be splatting, # a comment, and a comma would make a list.
    $text = if ($candidate -match '^[@#]|,') { "'$candidate'" } else { $candidate }
    [System.Management.Automation.CompletionResult]::new($text, $candidate, 'ParameterValue', $about)
  }
}
`,
};
