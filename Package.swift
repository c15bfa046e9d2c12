// swift-tools-version: 6.2
import PackageDescription

// The map of the house: system libraries, then the floors from the ground up, then one line per modality.
// Imports go down only; `make test` builds with the explicit import check, so the lists below are the truth.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// A C library of the operating system, found through pkg-config and installed by `make deps`.
func system(_ name: String, _ pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// A floor: module `Bindery<folder>` in `Sources/<folder>`, with its tests in `Tests/<folder>Tests`.
///
/// `testedWith` names what only the tests see.
func floor(
    _ folder: String, on below: [Target.Dependency], testedWith extra: [Target.Dependency] = []
) -> [Target] {
    [
        .target(name: "Bindery\(folder)", dependencies: below, path: "Sources/\(folder)", swiftSettings: strict),
        tests(folder, on: below + extra),
    ]
}

/// A modality: module `Bindery<folder>` in `modalities/<folder>`, on top of Binding, plus what only it needs.
func modality(_ folder: String, with extra: [Target.Dependency] = []) -> [Target] {
    let below: [Target.Dependency] = ["BinderyTensors", "BinderyLayers", "BinderyBinding"] + extra
    return [
        .target(
            name: "Bindery\(folder)", dependencies: below, path: "modalities/\(folder)", exclude: ["README.md"],
            swiftSettings: strict),
        tests(folder, on: below),
    ]
}

func tests(_ folder: String, on below: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(folder)Tests", dependencies: ["TestSupport", .target(name: "Bindery\(folder)")] + below,
        path: "Tests/\(folder)Tests", swiftSettings: strict)
}

let modalities: [(folder: String, with: [Target.Dependency])] = [
    ("Text", ["CZlib"]),
    ("Audio", ["CKernels", "CFFTW", "CSndfile", "CSoxr"]),
    ("Image", ["BinderyPictures"]),
    ("Video", ["BinderyPictures"]),
    ("Depth", ["BinderyPictures"]),
    ("Thermal", ["BinderyPictures"]),
    ("IMU", []),
]

let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

var targets: [Target] = [
    system("COpenBLAS", "openblas", apt: "libopenblas-dev"),
    system("CFFTW", "fftw3", apt: "libfftw3-dev"),
    system("CSndfile", "sndfile", apt: "libsndfile1-dev"),
    system("CSoxr", "soxr", apt: "libsoxr-dev"),
    system("CJPEG", "libturbojpeg", apt: "libturbojpeg0-dev"),
    system("CPNG", "libpng", apt: "libpng-dev"),
    system("CCrypto", "libcrypto", apt: "libssl-dev"),
    system("CZlib", "zlib", apt: "zlib1g-dev"),
    system("CCurl", "libcurl", apt: "libcurl4-openssl-dev"),
    .target(name: "CTransfer", dependencies: ["CCurl"]),
    .target(name: "CPNGRows", dependencies: ["CPNG"]),
    .target(
        name: "CKernels", linkerSettings: [.linkedLibrary("m"), .linkedLibrary("pthread")]),
    .target(
        name: "TestSupport", dependencies: ["BinderyTensors", "BinderyLayers"], path: "Tests/TestSupport",
        swiftSettings: strict),
    .target(
        name: "BinderyModalities",
        dependencies: ["BinderyBinding"] + modalities.map { .target(name: "Bindery\($0.folder)") },
        path: "modalities", exclude: ["README.md"] + modalities.map(\.folder), sources: ["Modalities.swift"],
        swiftSettings: strict),
    .target(
        name: "Bindery",
        dependencies: [
            "BinderyTensors", "BinderyLayers", "BinderyBinding", "BinderyEvaluation", "BinderyTraining",
            "BinderyHub", "BinderyPictures", "BinderyPublished", "BinderySearch", "BinderyModalities",
        ] + modalities.map { .target(name: "Bindery\($0.folder)") },
        path: "Sources/Bindery", swiftSettings: strict),
    .executableTarget(
        name: "BinderyTool", dependencies: ["Bindery", "BinderyDemo", argumentParser], path: "Sources/BinderyTool",
        swiftSettings: strict),
    .testTarget(
        name: "ToolTests", dependencies: ["TestSupport", "Bindery"], path: "Tests/ToolTests", swiftSettings: strict),
]
targets += floor("Tensors", on: ["CKernels", "COpenBLAS"])
targets += floor("Layers", on: ["BinderyTensors", "CKernels", "CCrypto", "CZlib"])
targets += floor("Binding", on: ["BinderyTensors", "BinderyLayers"])
targets += floor(
    "Pictures",
    on: ["BinderyTensors", "BinderyLayers", "BinderyBinding", "CKernels", "CJPEG", "CPNG", "CPNGRows", "CZlib"])
targets += floor("Hub", on: ["CTransfer", "CCrypto"])
targets += floor("Search", on: ["CKernels", "BinderyTensors", "BinderyLayers"])
targets += floor("Evaluation", on: ["BinderyTensors", "BinderyLayers", "BinderyBinding"])
targets += floor(
    "Published", on: ["BinderyTensors", "BinderyLayers", "BinderyBinding"],
    testedWith: ["BinderyModalities", "BinderyEvaluation"] + modalities.map { .target(name: "Bindery\($0.folder)") })
targets += floor(
    "Training",
    on: [
        "CKernels", "BinderyTensors", "BinderyLayers", "BinderyBinding", "BinderyEvaluation", "BinderyPublished", yams,
    ])
targets += floor(
    "Demo",
    on: [
        "BinderyTensors", "BinderyLayers", "BinderyBinding", "BinderyPictures", "BinderyEvaluation", "BinderyTraining",
    ])
for entry in modalities { targets += modality(entry.folder, with: entry.with) }

let package = Package(
    name: "bindery",
    products: [
        .library(name: "Bindery", targets: ["Bindery"]),
        .executable(name: "bindery", targets: ["BinderyTool"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: targets
)
