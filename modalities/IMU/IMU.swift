public import BinderyBinding

extension Modality {
    /// How something moves: recordings of accelerometers and gyroscopes.
    public static let imu = Modality("imu")
        .encoder("imagebind") { config, scope, _ in try ImageBindIMU(config, scope) }
        .encoder("cnn") { config, scope, _ in try MotionNet(config, scope) }
        .inspected(by: .motions)
}
