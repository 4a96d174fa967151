internal import CPostgres

/// Hands the server's notices to a callback; libpq itself would print them.
final class NoticeReceiver {
  private let onNotice: @Sendable (Notice) -> Void

  init(_ onNotice: @escaping @Sendable (Notice) -> Void) { self.onNotice = onNotice }

  /// Has libpq call `receiver`, which must outlive the session, or drop the notices.
  static func install(_ receiver: NoticeReceiver?, in session: OpaquePointer) {
    let context = receiver.map { Unmanaged.passUnretained($0).toOpaque() }
    PQsetNoticeReceiver(
      session,
      { context, result in
        guard let context, let result else { return }
        let receiver = Unmanaged<NoticeReceiver>.fromOpaque(context).takeUnretainedValue()
        receiver.onNotice(Notice(ServerMessage(result: result)))
      }, context)
  }
}
