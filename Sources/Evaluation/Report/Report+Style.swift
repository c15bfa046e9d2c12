extension Report {
    /// The look of the page: quiet, in the reader's own light or dark.
    static let style = """
        :root { color-scheme: light dark; --ink: #1c2230; --soft: #5c6575; --line: #dfe3ea; --paper: #fbfbfd; --card: #fff;
          --accent: #2f6fde; --right: #1f8a5b; --wrong: #c8453b; --warm: #e0882f; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e7eaf0; --soft: #9aa3b2; --line: #333a47; --paper: #14171d;
          --card: #1c2028; --accent: #6ea2ff; --right: #4cc38a; --wrong: #ff7b72; --warm: #f0a858; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 1000px; padding: 2.5rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
          font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
        h1 { font-size: 2rem; line-height: 1.2; margin: 0; letter-spacing: -.02em; }
        h2 { font-size: 1.15rem; margin: 0 0 .35rem; }
        header p, .note { color: var(--soft); margin: .35rem 0 1rem; max-width: 46rem; }
        section, footer, .figure { background: var(--card); border: 1px solid var(--line); border-radius: 14px; }
        section, footer { padding: 1.25rem 1.4rem; margin-top: 1.25rem; }
        .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(165px, 1fr)); gap: .8rem; margin-top: 1.25rem; }
        .figure { padding: .9rem 1.1rem; display: flex; flex-direction: column; }
        .figure b { font-size: 1.9rem; line-height: 1.2; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
        .figure span { color: var(--ink); } .figure small { color: var(--soft); font-variant-numeric: tabular-nums; }
        .wide { overflow-x: auto; }
        svg { display: block; max-width: 100%; height: auto; font: 12px system-ui, sans-serif; fill: var(--ink); }
        svg .soft { fill: var(--soft); } svg .grid { stroke: var(--line); } svg .cell { stroke: var(--card); stroke-width: 1.5; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        th, td { text-align: left; padding: .35rem .7rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
        th { color: var(--soft); font-weight: 500; }
        .origin td { overflow-wrap: anywhere; } .origin th { white-space: nowrap; width: 1%; padding-right: 1.5rem; }
        pre { background: var(--paper); border: 1px solid var(--line); border-radius: 9px; padding: .8rem 1rem; margin: .4rem 0 1rem;
          white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem; }
        .bars { display: grid; grid-template-columns: max-content 1fr max-content; gap: .3rem .9rem; align-items: center; }
        .bars .track { position: relative; height: .95rem; background: var(--paper); border: 1px solid var(--line); border-radius: 5px; }
        .bars .fill { height: 100%; background: var(--accent); border-radius: 4px; }
        .bars .mark { position: absolute; top: -3px; bottom: -3px; width: 2px; background: var(--warm); }
        .bars .span { position: absolute; top: 50%; height: 2px; background: var(--ink); opacity: .55; }
        .bars .value { font-variant-numeric: tabular-nums; color: var(--soft); }
        .mistakes { display: grid; grid-template-columns: repeat(auto-fill, minmax(255px, 1fr)); gap: .8rem; }
        .mistake { border: 1px solid var(--line); border-radius: 11px; padding: .8rem; background: var(--paper); }
        .mistake img { width: 100%; max-height: 190px; object-fit: contain; border-radius: 7px; image-rendering: auto; }
        .mistake audio { width: 100%; height: 36px; margin-bottom: .35rem; }
        .mistake .name { color: var(--soft); font-size: .82rem; overflow-wrap: anywhere; }
        .right { color: var(--right); font-weight: 600; } .wrong { color: var(--wrong); font-weight: 600; }
        .legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; margin-top: .5rem; color: var(--soft); font-size: .9rem; }
        .legend i { display: inline-block; width: 1.1rem; height: 3px; border-radius: 2px; margin-right: .45rem; vertical-align: middle; }
        @media print { body { background: #fff; } section, footer { break-inside: avoid; } }
        """
}
