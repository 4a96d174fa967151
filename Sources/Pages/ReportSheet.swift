extension PageStyle {
  /// What reports have besides: a head with a verdict, figures on cards, bars over time.
  package static let report: StaticString = """

    header.top { border-bottom: 1px solid var(--line); background: var(--card); }
    header.top > * { max-width: 59.6rem; margin-left: auto; margin-right: auto; }
    header.top { padding: 1.8rem 1.2rem 1.5rem; border-top: 6px solid var(--calm); }
    header.top.good { border-top-color: var(--good); }
    header.top.bad { border-top-color: var(--bad); }
    header.top.warn { border-top-color: var(--warn); }
    main, footer { max-width: 62rem; margin: 0 auto; padding: 0 1.2rem; }
    footer { color: var(--soft); font-size: .85rem; padding-top: 2rem; padding-bottom: 3rem; }
    .eyebrow { color: var(--soft); font-size: .85rem; margin-bottom: .3rem; }
    .verdict {
      width: fit-content; margin-left: auto; padding: .3rem .8rem; border-radius: 8px;
      background: var(--calm-wash); color: var(--calm); font-size: 1.05rem;
    }
    header.top > .verdict { margin-left: max(0px, calc((100% - 59.6rem) / 2)); }
    .verdict.good { background: var(--good-wash); color: var(--good); }
    .verdict.bad { background: var(--bad-wash); color: var(--bad); }
    .verdict.warn { background: var(--warn-wash); color: var(--warn); }
    .alarm {
      background: var(--bad-wash); color: var(--bad); border: 1px solid currentColor;
      border-radius: 8px; padding: .5rem .8rem; font-weight: 600;
    }
    .facts {
      display: flex; flex-wrap: wrap; gap: .8rem 2.6rem; margin-top: 1.2rem; margin-bottom: 0;
    }
    dt { color: var(--soft); font-size: .8rem; }
    dd { margin: 0; }
    .cards {
      display: grid; grid-template-columns: repeat(auto-fill, minmax(11.5rem, 1fr)); gap: .8rem;
      margin-bottom: 1rem;
    }
    .card {
      background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--calm);
      border-radius: 8px; padding: .7rem .9rem;
    }
    .card.good { border-left-color: var(--good); }
    .card.bad { border-left-color: var(--bad); }
    .card p { margin: 0; }
    .card .name, .note, .meta, .when { color: var(--soft); font-size: .82rem; }
    .card .value { font-size: 1.45rem; font-weight: 650; letter-spacing: -.01em; }
    .card.bad .value { color: var(--bad); }
    .good.mark, .word.good, .state.good { color: var(--good); }
    .bad.mark, .word.bad, .state.bad { color: var(--bad); }
    .warn.mark, .word.warn, .state.warn { color: var(--warn); }
    .calm.mark, .state.calm { color: var(--soft); }
    .mark { font-weight: 700; display: inline-block; min-width: 1.1em; }
    .state { font-size: .82rem; }

    .legend {
      list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: 0 0 .6rem;
      padding: 0; color: var(--soft); font-size: .82rem;
    }
    .legend .bar { display: inline-block; width: 1.4rem; height: .6rem; margin-right: .4rem; }
    .bar { border-radius: 3px; background: var(--calm); print-color-adjust: exact; }
    .bar.bad { background: var(--bad); }
    .lane {
      display: block; position: relative; height: 1.05rem; border-radius: 3px;
      background: color-mix(in srgb, var(--line) 45%, transparent); print-color-adjust: exact;
    }
    .lane > span { position: absolute; top: 0; bottom: 0; min-width: 2px; }
    .lane > .bar { top: .12rem; bottom: .12rem; }
    .spoken {
      position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
      white-space: nowrap;
    }

    @media (max-width: 36rem) {
      h1 { font-size: 1.35rem; }
      .cards { grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .6rem; }
      .facts { gap: .7rem 1.8rem; }
    }
    @media print {
      header.top { padding-top: 0; border-top: 0; }
      .card { break-inside: avoid; }
    }

    """
}
