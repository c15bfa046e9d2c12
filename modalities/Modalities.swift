public import BinderyBinding
import BinderyAudio
import BinderyDepth
import BinderyIMU
import BinderyImage
import BinderyText
import BinderyThermal
import BinderyVideo

/// The modalities that this build knows.
public enum Modalities {
    /// All of them; a new one is a folder, its name in `Package.swift`, and a word here.
    public static let all: [Modality] = [.text, .audio, .image, .video, .depth, .thermal, .imu]
}
