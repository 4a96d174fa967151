internal import Pages

extension PageStyle {
  /// What a procedure has besides.
  static let document: StaticString = """

    main { max-width: 52rem; margin: 0 auto; padding: 2rem 1.1rem 4rem; }
    caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    h2 { border-top: 1px solid var(--line); padding-top: 1.4rem; }
    pre { white-space: pre-wrap; }
    tbody th { white-space: nowrap; padding-right: 1.2rem; }
    @media (max-width: 36rem) { tbody th { white-space: normal; } }
    ul.tasks { list-style: none; padding-left: 0; }
    ul.tasks > li { position: relative; padding-left: 1.9rem; margin: .7rem 0; }
    ul.tasks > li::before {
      content: ""; position: absolute; left: 0; top: .3em; width: .95em; height: .95em;
      border: 1.5px solid var(--soft); border-radius: 3px;
    }
    @media print { main { padding: 0; max-width: none; } }

    """
}
