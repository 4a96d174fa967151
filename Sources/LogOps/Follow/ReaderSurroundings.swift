internal import KubeExec

/// What the readers of all instances share.
final class ReaderSurroundings: Sendable {
  let client: KubeClient
  let pipeline: LogPipeline
  let options: FollowOptions
  let notices: LogNotices
  let gate: StreamGate
  let ends = InstanceEnds()
  let turns = InstanceTurns()
  let watch: StreamWatch

  init(
    _ client: KubeClient, _ options: FollowOptions, into pipeline: LogPipeline,
    _ notices: LogNotices
  ) {
    self.client = client
    self.pipeline = pipeline
    self.options = options
    self.notices = notices
    gate = StreamGate(options.maximumStreams)
    watch = StreamWatch(every: min(options.silence / 4, .seconds(1)))
  }
}
