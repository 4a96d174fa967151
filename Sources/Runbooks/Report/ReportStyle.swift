/// How a report of a run looks, on top of what every report has.
enum ReportStyle {
  static let sheet: StaticString = """

    .bar.looking { background: color-mix(in srgb, var(--calm) 40%, transparent); }
    .bar.proving { background: color-mix(in srgb, var(--calm) 70%, var(--good)); opacity: .75; }
    .bar.person {
      background: repeating-linear-gradient(
        135deg, var(--warn) 0 3px, transparent 3px 6px); border: 1px solid var(--warn);
    }
    .bar.pausing { background: none; border: 1px dashed var(--soft); }
    .bar.undoing { background: var(--warn); }
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
      .timeline, .timeline :is(caption, tbody, tr, td, th) { display: block; }
      .timeline thead { display: none; }
      .timeline tr { position: relative; padding: .5rem 0; border-bottom: 1px solid var(--line); }
      .timeline th, .timeline td { border: 0; padding: .1rem 0; }
      .timeline th[scope="row"] { width: auto; padding-right: 5.5rem; }
      .timeline td.time { position: absolute; top: .5rem; right: 0; width: auto; }
      .outputs th { width: 7rem; }
    }
    @media print {
      .step { break-inside: avoid; }
      details > pre { max-height: none; }
    }

    """
}
