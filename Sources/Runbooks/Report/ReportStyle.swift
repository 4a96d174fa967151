/// How a report looks, on top of what every page has.
enum ReportStyle {
  static let sheet: StaticString = """

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
    .bar.looking { background: color-mix(in srgb, var(--calm) 40%, transparent); }
    .bar.proving { background: color-mix(in srgb, var(--calm) 70%, var(--good)); opacity: .75; }
    .bar.person {
      background: repeating-linear-gradient(
        135deg, var(--warn) 0 3px, transparent 3px 6px); border: 1px solid var(--warn);
    }
    .bar.pausing { background: none; border: 1px dashed var(--soft); }
    .bar.undoing { background: var(--warn); }
    .bar.bad { background: var(--bad); }
    .gap, .bar.gap {
      background: repeating-linear-gradient(90deg, var(--line) 0 1px, transparent 1px 5px);
      border: 0; border-radius: 0; print-color-adjust: exact;
    }
    table.timeline { table-layout: fixed; margin-bottom: 1.4rem; }
    .timeline th[scope="row"] { width: 34%; font-size: .9rem; }
    .timeline th:first-child { width: 34%; }
    .timeline .time { width: 5.5rem; text-align: right; padding-right: 0; white-space: nowrap; }
    .timeline .state { display: block; }
    .timeline td { vertical-align: middle; }
    .axis { display: flex; justify-content: space-between; }
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

    .step {
      background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--line);
      border-radius: 8px; padding: .8rem 1rem; margin: .8rem 0;
    }
    .step.good { border-left-color: var(--good); }
    .step.bad { border-left-color: var(--bad); }
    .step.warn { border-left-color: var(--warn); }
    .step.quiet { background: none; padding-top: .4rem; padding-bottom: .4rem; color: var(--soft); }
    .step h3 { margin: 0; display: flex; flex-wrap: wrap; gap: 0 .45rem; align-items: baseline; }
    .step.quiet h3 { font-weight: 500; font-size: .95rem; }
    .step .title { flex: 1 1 12rem; min-width: 0; }
    .step .number { color: var(--soft); }
    .step h3 .state { font-weight: 600; }
    .meta { margin: .15rem 0 .4rem; display: flex; flex-wrap: wrap; gap: .1rem .7rem; }
    .reason { white-space: pre-wrap; }
    .step .reason {
      padding: .45rem .7rem; border-radius: 6px; background: var(--calm-wash); margin: .5rem 0;
    }
    .step .reason.bad { background: var(--bad-wash); }
    .step .reason.warn { background: var(--warn-wash); }
    .questions, .answers { list-style: none; padding: 0; margin: .5rem 0; }
    .questions li { display: flex; flex-wrap: wrap; gap: 0 .3rem; padding: .12rem 0; }
    .questions .claim { flex: 1 1 0; min-width: 12rem; }
    .questions .saw { flex-basis: 100%; padding-left: 1.4rem; color: var(--soft); }
    .attempts { margin: .5rem 0; padding-left: 1.6rem; }
    .attempts .word { font-weight: 600; }
    .outputs, .evidence, .undo { margin-top: .6rem; }
    .outputs th { width: 12rem; }
    .evidence { display: grid; gap: .3rem; grid-template-columns: minmax(0, 1fr); }
    details > pre { max-height: 26rem; overflow: auto; }
    summary { cursor: pointer; }
    .gone { margin: 0; }

    @media (max-width: 36rem) {
      h1 { font-size: 1.35rem; }
      .timeline, .timeline :is(caption, tbody, tr, td, th) { display: block; }
      .cards { grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .6rem; }
      .timeline thead { display: none; }
      .timeline tr { position: relative; padding: .5rem 0; border-bottom: 1px solid var(--line); }
      .timeline th, .timeline td { border: 0; padding: .1rem 0; }
      .timeline th[scope="row"] { width: auto; padding-right: 5.5rem; }
      .timeline td.time { position: absolute; top: .5rem; right: 0; width: auto; }
      .facts { gap: .7rem 1.8rem; }
      .outputs th { width: 7rem; }
    }
    @media print {
      header.top { padding-top: 0; border-top: 0; }
      .step, .card { break-inside: avoid; }
      details > pre { max-height: none; }
    }

    """
}
