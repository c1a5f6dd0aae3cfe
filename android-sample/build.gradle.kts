// For Android Studio. `cargo xtask bindings` writes the generated sources first, and jniLibs holds libpatron.so for
// each ABI that the phone may have; README.md says how to build them.
plugins {
    id("com.android.application") version "8.13.0"
    id("org.jetbrains.kotlin.android") version "2.4.21"
}

val root = file("..")

android {
    namespace = "dev.patron.sample"
    compileSdk = 36

    defaultConfig {
        applicationId = "dev.patron.sample"
        minSdk = 26
        targetSdk = 36
        versionCode = 1
        versionName = "0.1.0"
    }

    sourceSets["main"].apply {
        // The SDK from source, so that a breakpoint in it works.
        kotlin.srcDirs(
            "src/main/kotlin",
            root.resolve("bindings/kotlin/sdk/src/main/kotlin"),
            root.resolve("bindings/kotlin/android/src/main/kotlin"),
            root.resolve("target/bindings/kotlin"),
        )
        jniLibs.srcDirs("jniLibs")
    }

    buildTypes {
        release {
            isMinifyEnabled = true
            proguardFiles(
                getDefaultProguardFile("proguard-android-optimize.txt"),
                root.resolve("bindings/kotlin/android/consumer-rules.pro"),
            )
        }
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
}

kotlin {
    jvmToolchain(17)
}

dependencies {
    // The AAR carries JNA's own native library for each ABI; the plain jar does not.
    implementation("net.java.dev.jna:jna:5.19.1@aar")
    implementation("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.11.0")
}
